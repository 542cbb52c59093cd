import Libsql from 'libsql';
import { GatewayError } from '../errors/index.js';
import { migrations } from './migrations.js';

/** What SQLite keeps, as far as we use it. */
export type Value = string | number | null;

/** One connection, which nobody else shares. */
export interface Database {
  run(sql: string, ...values: Value[]): void;
  /** @typeParam Row What a row is known to hold; the query says so. */
  all<Row>(sql: string, ...values: Value[]): Row[];
  get<Row>(sql: string, ...values: Value[]): Row | undefined;
  /** All of it or nothing, also where this process is killed in the middle. */
  transaction<T>(work: () => T): T;
  /** Idempotent. */
  close(): void;
}

/**
 * Opens a database, creates it where there is none, and brings it up to date. It stays locked until it is
 * closed or this process ends, however that happens: two gateways would run each other's jobs.
 * @param steps From an empty database to the latest version.
 * @throws GatewayError `jobs_unavailable` where it is locked, too new, damaged, or cannot be written to.
 */
export function openDatabase(path: string, steps: readonly string[] = migrations): Database {
  let db: Libsql.Database | undefined;
  try {
    db = new Libsql(path);
    db.exec('pragma locking_mode = exclusive');
    db.exec('pragma journal_mode = wal');
    // Every commit is on the disk before it is answered: a job that was accepted survives a power failure.
    db.exec('pragma synchronous = full');
    db.exec('pragma foreign_keys = on');
    migrate(db, steps);
    return wrap(db);
  } catch (cause) {
    if (db) release(db);
    throw unusable(path, cause);
  }
}

function migrate(db: Libsql.Database, steps: readonly string[]): void {
  // Also takes the lock, before anything is read.
  db.exec('begin immediate');
  try {
    const { user_version: version } = db.prepare('pragma user_version').get([]) as {
      user_version: number;
    };
    if (version > steps.length) throw new Error('it was written by a newer version');
    for (const step of steps.slice(version)) db.exec(step);
    db.exec(`pragma user_version = ${steps.length}`);
    db.exec('commit');
  } catch (error) {
    db.exec('rollback');
    throw error;
  }
}

function wrap(db: Libsql.Database): Database {
  const statements = new Map<string, Libsql.Statement>();
  const prepare = (sql: string) => {
    const statement = statements.get(sql) ?? db.prepare(sql);
    statements.set(sql, statement);
    return statement;
  };
  let closed = false;
  return {
    // Values go in as one list: a null that stands alone is taken for an object.
    run: (sql, ...values) => void writing(() => prepare(sql).run(values)),
    all: <Row>(sql: string, ...values: Value[]) => prepare(sql).all(values) as Row[],
    get: <Row>(sql: string, ...values: Value[]) => prepare(sql).get(values) as Row | undefined,
    transaction: <T>(work: () => T) => writing(() => db.transaction(work)()),
    close() {
      if (closed) return;
      closed = true;
      release(db);
    },
  };
}

/**
 * Statements keep a closed connection, and its lock, until they are garbage: the lock is given up first, for
 * which SQLite has to leave the journal mode that it was taken in.
 */
function release(db: Libsql.Database): void {
  try {
    db.exec('pragma journal_mode = delete');
    db.exec('pragma locking_mode = normal');
    db.prepare('select count(*) from sqlite_schema').get([]);
  } catch {
    // Then it is given up with this process.
  }
  db.close();
}

function writing<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'SQLITE_FULL') throw error;
    throw new GatewayError('disk_full', { cause: error });
  }
}

function unusable(path: string, cause: unknown): GatewayError {
  const busy = (cause as { code?: unknown }).code === 'SQLITE_BUSY';
  const why = busy ? 'another gateway uses it' : (cause as Error).message;
  return new GatewayError('jobs_unavailable', {
    message: `The jobs in ${path} cannot be used: ${why}.`,
    cause,
  });
}
