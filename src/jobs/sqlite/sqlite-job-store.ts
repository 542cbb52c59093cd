import type { FinishedWindow } from '../../recording/index.js';
import {
  type Ending,
  isOpen,
  type Job,
  type JobRequest,
  type JobState,
  jobStates,
  totalMs,
  type Upload,
} from '../job.js';
import type { JobStore, JobStoreListener, ListOptions, StartedJob } from '../job-store.js';
import type { Delivery } from '../webhooks/delivery-store.js';
import type { Database } from './database.js';
import { queuedIds, queuePosition } from './job-queue.js';
import { type JobRow, toJob } from './job-row.js';
import { listJobs } from './list-jobs.js';
import { keepDelivery, SqliteDeliveryStore } from './sqlite-delivery-store.js';
import { SqliteStartedJob } from './sqlite-started-job.js';

/**
 * Jobs, their finished windows and the notices of their ends, in SQLite, which is this process's alone. Every
 * method is one transaction, and is done when it returns.
 */
export class SqliteJobStore implements JobStore {
  readonly deliveries: SqliteDeliveryStore;
  readonly #db: Database;
  #listener: JobStoreListener | undefined;

  /** @param db Is closed with this. */
  constructor(db: Database) {
    this.#db = db;
    this.deliveries = new SqliteDeliveryStore(db);
  }

  listen(listener: JobStoreListener): void {
    this.#listener = listener;
  }

  find(id: string): Job | undefined {
    const row = this.#db.get<JobRow>('select * from jobs where id = ?', id);
    return row && toJob(row);
  }

  async fetch(id: string): Promise<Job | undefined> {
    return this.find(id);
  }

  list(options: ListOptions): Job[] {
    return listJobs(this.#db, options);
  }

  count(state: JobState): number {
    return this.#db.get<{ n: number }>('select count(*) as n from jobs where state = ?', state)
      ?.n as number;
  }

  queue(limit: number, owner?: string): string[] {
    return queuedIds(this.#db, limit, owner);
  }

  positionOf(id: string): number | null {
    return queuePosition(this.#db, id);
  }

  storedBytes(states: readonly JobState[] = jobStates): number {
    const row = this.#db.get<{ n: number }>(
      `select coalesce(sum(bytes), 0) as n from jobs
       where state in (select value from json_each(?))`,
      JSON.stringify(states),
    );
    return row?.n as number;
  }

  oldestEnded(beforeMs: number): Job | undefined {
    const row = this.#db.get<JobRow>(
      `select * from jobs where state in ('succeeded', 'failed', 'cancelled') and ended_at_ms < ?
       order by ended_at_ms, number limit 1`,
      beforeMs,
    );
    return row && toJob(row);
  }

  async windows(id: string): Promise<FinishedWindow[]> {
    return this.#db
      .all<{ window: string }>(
        `select window from windows join jobs on number = job where id = ? order by position`,
        id,
      )
      .map(({ window }) => JSON.parse(window) as FinishedWindow);
  }

  /** Queues what was running when the process before this one died. @returns How many those were. */
  resume(): number {
    const interrupted = this.count('running');
    this.#db.run(`update jobs set state = 'queued' where state = 'running'`);
    return interrupted;
  }

  /** Ids of all jobs. */
  ids(): Set<string> {
    return new Set(this.#db.all<{ id: string }>('select id from jobs').map(({ id }) => id));
  }

  async add(uploads: readonly Upload[], request: JobRequest, nowMs: number): Promise<Job[]> {
    const { options, rules, priority, reference, webhookUrl, owner } = request;
    this.#db.transaction(() => {
      for (const { id, name, bytes } of uploads) {
        this.#db.run(
          `insert into jobs
             (id, state, name, bytes, options, rules,
              priority, reference, webhook_url, owner, created_at_ms)
           values (?, 'queued', ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
          ...[id, name, bytes, JSON.stringify(options), rules && JSON.stringify(rules)],
          ...[priority, reference, webhookUrl, owner, nowMs],
        );
      }
    });
    const jobs = uploads.map(({ id }) => this.find(id) as Job);
    for (const job of jobs) this.#listener?.onChanged(job);
    this.#listener?.onQueueChanged();
    return jobs;
  }

  async start(id: string, nowMs: number): Promise<StartedJob | null> {
    if (this.find(id)?.state !== 'queued') return null;
    this.#db.run(
      `update jobs set state = 'running', started_at_ms = ?, starts = starts + 1 where id = ?`,
      nowMs,
      id,
    );
    this.#tell(id, 'queue');
    return new SqliteStartedJob(this.find(id) as Job, this.#db, this, () => this.#tell(id));
  }

  async ended(
    id: string,
    ending: Ending,
    nowMs: number,
    notice: (job: Job) => Delivery | null,
    of?: StartedJob,
  ): Promise<Job | null> {
    const before = this.find(id);
    if (!before || !isOpen(before) || (of && before.starts !== of.job.starts)) return null;
    const ended = this.#db.transaction(() => {
      this.#db.run(
        'update jobs set state = ?, ended_at_ms = ?, error = ? where id = ?',
        ...[ending.state, nowMs, ending.state === 'failed' ? JSON.stringify(ending.error) : null],
        id,
      );
      if (ending.state === 'succeeded') {
        const { durationMs } = ending;
        const doneMs = totalMs({ ...before, durationMs }) ?? before.doneMs;
        this.#db.run(
          'update jobs set duration_ms = ?, done_ms = ? where id = ?',
          ...[durationMs, doneMs, id],
        );
      }
      const job = this.find(id) as Job;
      const delivery = notice(job);
      if (delivery) keepDelivery(this.#db, id, delivery);
      return job;
    });
    this.#tell(id, 'queue');
    return ended;
  }

  async prioritize(id: string, priority: number): Promise<void> {
    this.#db.run('update jobs set priority = ? where id = ?', priority, id);
    this.#tell(id, 'queue');
  }

  async queueAgain(id: string): Promise<void> {
    this.#db.run(
      `update jobs set state = 'queued', started_at_ms = null, ended_at_ms = null, error = null,
       fruitless_starts = 0 where id = ?`,
      id,
    );
    this.#tell(id, 'queue');
  }

  async remove(id: string, onlyEnded = false): Promise<boolean> {
    const job = this.find(id);
    if (!job) return true;
    if (onlyEnded && isOpen(job)) return false;
    this.#db.transaction(() => {
      this.#db.run('delete from deliveries where job = ?', id);
      this.#db.run('delete from jobs where id = ?', id);
    });
    this.#listener?.onRemoved(job);
    this.#listener?.onQueueChanged();
    return true;
  }

  async interrupt(): Promise<void> {
    this.#db.run(`update jobs set state = 'queued', fruitless_starts = 0 where state = 'running'`);
  }

  async close(): Promise<void> {
    this.#db.close();
  }

  #tell(id: string, also?: 'queue'): void {
    const job = this.find(id);
    if (job) this.#listener?.onChanged(job);
    if (also) this.#listener?.onQueueChanged();
  }
}
