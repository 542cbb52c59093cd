import type { Job } from '../job.js';
import type { ListOptions } from '../job-store.js';
import type { Database, Value } from './database.js';
import { type JobRow, toJob } from './job-row.js';

/** The newest first. */
export function listJobs(db: Database, options: ListOptions): Job[] {
  const { states, reference, owner, after, limit } = options;
  const conditions: [condition: string, value: Value][] = [];
  if (states) {
    conditions.push(['state in (select value from json_each(?))', JSON.stringify(states)]);
  }
  if (reference !== undefined) conditions.push(['reference = ?', reference]);
  if (owner !== undefined) conditions.push(['owner = ?', owner]);
  if (after !== undefined) {
    conditions.push(['number < (select number from jobs where id = ?)', after]);
  }
  const where = conditions.map(([condition]) => condition).join(' and ') || 'true';
  return db
    .all<JobRow>(
      `select * from jobs where ${where} order by number desc limit ?`,
      ...conditions.map(([, value]) => value),
      limit,
    )
    .map(toJob);
}
