import type { Database } from './database.js';

/**
 * The ids of queued jobs in turn: those that the process may not survive, since they are alone until that is
 * known and nothing runs yet when they come back; then the highest priority, then the oldest.
 * @param owner Only of this one.
 */
export function queuedIds(db: Database, limit: number, owner?: string): string[] {
  return db
    .all<{ id: string }>(
      `select id from jobs where state = 'queued' and (? is null or owner = ?)
       order by fruitless_starts > 0 desc, priority desc, number limit ?`,
      ...[owner ?? null, owner ?? null, limit],
    )
    .map(({ id }) => id);
}

/** Where a job stands in that order: 1 for the next one; null for one that does not wait. */
export function queuePosition(db: Database, id: string): number | null {
  const row = db.get<{ n: number }>(
    `select count(*) as n from jobs as other join jobs as it on it.id = ? and it.state = 'queued'
     where other.state = 'queued' and
       (other.fruitless_starts > 0, other.priority, -other.number) >=
       (it.fruitless_starts > 0, it.priority, -it.number)`,
    id,
  );
  return row?.n || null;
}
