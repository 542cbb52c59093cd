import { closeSync, existsSync, fchownSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import Libsql from 'libsql';
import { GatewayError } from '../errors/index.js';

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

export interface OpenOptions {
  /**
   * From an empty database to the latest version; `user_version` counts those it has had. Never changed once
   * released: what is different comes as another one.
   */
  readonly migrations: readonly string[];
  /**
   * `exclusive` keeps everybody else out until it is closed or this process ends, however that happens.
   * `shared` waits for others that write.
   */
  readonly access: 'exclusive' | 'shared';
}

/** How long a shared database is waited for while another process writes to it. */
const busyTimeoutMs = 5_000;

/**
 * Opens a database, creates it where there is none, for its owner alone, and brings it up to date.
 * @param path A file, or `:memory:`.
 * @throws What SQLite says; `whyUnusable` puts it in words.
 */
export function openDatabase(path: string, { migrations, access }: OpenOptions): Database {
  const exclusive = access === 'exclusive';
  let db: Libsql.Database | undefined;
  try {
    if (path !== ':memory:' && !existsSync(path)) createPrivately(path);
    db = new Libsql(path);
    db.exec(
      exclusive ? 'pragma locking_mode = exclusive' : `pragma busy_timeout = ${busyTimeoutMs}`,
    );
    db.exec('pragma journal_mode = wal');
    // Every commit is on the disk before it is answered: what was accepted survives a power failure.
    db.exec('pragma synchronous = full');
    db.exec('pragma foreign_keys = on');
    migrate(db, migrations);
    return wrap(db, exclusive);
  } catch (cause) {
    if (db) release(db, exclusive);
    throw cause;
  }
}

/**
 * Its journals get the same mode and owner, from SQLite. What root makes on the command line is for whoever
 * owns the folder: a gateway that is somebody else could not read it.
 */
function createPrivately(path: string): void {
  const file = openSync(path, 'a', 0o600);
  try {
    const { uid, gid } = statSync(dirname(path));
    if (process.geteuid?.() === 0) fchownSync(file, uid, gid);
  } finally {
    closeSync(file);
  }
}

/** Why a database could not be opened, as the end of a sentence. */
export function whyUnusable(cause: unknown): string {
  const busy = (cause as { code?: unknown }).code === 'SQLITE_BUSY';
  return busy ? 'another gateway uses it' : (cause as Error).message;
}

function migrate(db: Libsql.Database, steps: readonly string[]): void {
  // Also takes the lock, before anything is read.
  db.exec('begin immediate');
  try {
    const { user_version: version } = db.prepare('pragma user_version').get([]) as {
      user_version: number;
    };
    if (version > steps.length) throw new Error('it was written by a newer version');
    if (version < steps.length) {
      for (const step of steps.slice(version)) db.exec(step);
      // Others that have it open take any write for a change.
      db.exec(`pragma user_version = ${steps.length}`);
    }
    db.exec('commit');
  } catch (error) {
    db.exec('rollback');
    throw error;
  }
}

function wrap(db: Libsql.Database, exclusive: boolean): Database {
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
      release(db, exclusive);
    },
  };
}

/**
 * Statements keep a closed connection, and its lock, until they are garbage: a lock of its own is given up
 * first, for which SQLite has to leave the journal mode that it was taken in.
 */
function release(db: Libsql.Database, exclusive: boolean): void {
  try {
    if (exclusive) {
      db.exec('pragma journal_mode = delete');
      db.exec('pragma locking_mode = normal');
      db.prepare('select count(*) from sqlite_schema').get([]);
    } else {
      db.prepare('pragma wal_checkpoint(truncate)').get([]);
    }
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
