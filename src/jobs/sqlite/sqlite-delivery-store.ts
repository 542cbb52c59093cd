import type { Delivery, DeliveryStore } from '../webhooks/delivery-store.js';
import type { Database } from './database.js';

/** Keeps a new notice of a job; part of the transaction that it belongs to. */
export function keepDelivery(db: Database, jobId: string, delivery: Delivery): void {
  const { id, url, body, dueAtMs } = delivery;
  db.run(
    'insert into deliveries (id, job, url, body, due_at_ms) values (?, ?, ?, ?, ?)',
    ...[id, jobId, url, body, dueAtMs],
  );
}

/** Notices that are still to be delivered, in SQLite. */
export class SqliteDeliveryStore implements DeliveryStore {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  list(limit: number): Delivery[] {
    return this.#db
      .all<Omit<Delivery, 'dueAtMs'> & { due_at_ms: number }>(
        'select id, url, body, tries, due_at_ms from deliveries order by due_at_ms limit ?',
        limit,
      )
      .map(({ due_at_ms: dueAtMs, ...delivery }) => ({ ...delivery, dueAtMs }));
  }

  /** Nobody else has this database. */
  async take(): Promise<boolean> {
    return true;
  }

  async settled(id: string): Promise<void> {
    this.#db.run('delete from deliveries where id = ?', id);
  }

  async failed(id: string, dueAtMs: number): Promise<void> {
    this.#db.run(
      'update deliveries set tries = tries + 1, due_at_ms = ? where id = ?',
      dueAtMs,
      id,
    );
  }
}
