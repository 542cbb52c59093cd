import type { FinishedWindow } from '../recording/index.js';
import type { Database } from './database.js';
import {
  type Ending,
  type Job,
  type JobRequest,
  type JobState,
  jobStates,
  totalMs,
  type Upload,
} from './job.js';
import { queuedIds, queuePosition } from './job-queue.js';
import { type JobRow, toJob } from './job-row.js';
import { type ListOptions, listJobs } from './list-jobs.js';
import { type Delivery, keepDelivery } from './webhooks/delivery-store.js';

/**
 * Jobs, their finished windows and the notices of their ends, in SQLite. Every method is one transaction:
 * what it has returned from is kept, whatever happens to this process.
 */
export class JobStore {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Queues a job for each upload: all of them or none. */
  add(uploads: readonly Upload[], request: JobRequest, nowMs: number): Job[] {
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
    return uploads.map(({ id }) => this.find(id) as Job);
  }

  find(id: string): Job | undefined {
    const row = this.#db.get<JobRow>('select * from jobs where id = ?', id);
    return row && toJob(row);
  }

  /** The newest first. */
  list(options: ListOptions): Job[] {
    return listJobs(this.#db, options);
  }

  /** Jobs in a state. */
  count(state: JobState): number {
    return this.#db.get<{ n: number }>('select count(*) as n from jobs where state = ?', state)
      ?.n as number;
  }

  /** The ids of queued jobs, the next one first. @param owner Only of this one. */
  queue(limit: number, owner?: string): string[] {
    return queuedIds(this.#db, limit, owner);
  }

  /** 1 for the job that is next; null for one that does not wait. */
  positionOf(id: string): number | null {
    return queuePosition(this.#db, id);
  }

  /** Queues what was running when the process before this one died. @returns How many those were. */
  resume(): number {
    const interrupted = this.count('running');
    this.#db.run(`update jobs set state = 'queued' where state = 'running'`);
    return interrupted;
  }

  /** Queues what is running while this process ends in good order: nothing of it is to blame for that. */
  interrupt(): void {
    this.#db.run(`update jobs set state = 'queued', fruitless_starts = 0 where state = 'running'`);
  }

  started(id: string, nowMs: number): void {
    this.#db.run(
      `update jobs set state = 'running', started_at_ms = ?, starts = starts + 1 where id = ?`,
      nowMs,
      id,
    );
  }

  /** Which model its windows are decoded with from now on. */
  usesModel(id: string, model: string): void {
    this.#db.run('update jobs set model = ? where id = ?', model, id);
  }

  /** Its first window goes to the engine; should the process not survive that, the next one knows. */
  reachedEngine(id: string): void {
    this.#db.run('update jobs set fruitless_starts = fruitless_starts + 1 where id = ?', id);
  }

  /** What was found out about its file. */
  probed(id: string, durationMs: number | null, channels: number): void {
    this.#db.run(
      'update jobs set duration_ms = ?, channels = ? where id = ?',
      durationMs,
      channels,
      id,
    );
  }

  /** In the order of the audio. */
  windows(id: string): FinishedWindow[] {
    return this.#db
      .all<{ window: string }>(
        `select window from windows join jobs on number = job where id = ? order by position`,
        id,
      )
      .map(({ window }) => JSON.parse(window) as FinishedWindow);
  }

  /** @param position 0, 1 … @param doneMs Audio that is dealt with, this window's included. */
  addWindow(id: string, position: number, window: FinishedWindow, doneMs: number): void {
    this.#db.transaction(() => {
      this.#db.run(
        'insert into windows select number, ?, ? from jobs where id = ?',
        position,
        JSON.stringify(window),
        id,
      );
      this.#db.run('update jobs set done_ms = ?, fruitless_starts = 0 where id = ?', doneMs, id);
    });
  }

  /** @param notice What is to be delivered, of the job as it is then. */
  ended(id: string, ending: Ending, nowMs: number, notice: (job: Job) => Delivery | null): Job {
    return this.#db.transaction(() => {
      this.#db.run(
        'update jobs set state = ?, ended_at_ms = ?, error = ? where id = ?',
        ...[ending.state, nowMs, ending.state === 'failed' ? JSON.stringify(ending.error) : null],
        id,
      );
      if (ending.state === 'succeeded') {
        const { durationMs } = ending;
        const doneMs = totalMs({ ...(this.find(id) as Job), durationMs });
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
  }

  prioritize(id: string, priority: number): void {
    this.#db.run('update jobs set priority = ? where id = ?', priority, id);
  }

  /** Queues it once more, as one that has not begun; its finished windows stay. */
  queueAgain(id: string): void {
    this.#db.run(
      `update jobs set state = 'queued', started_at_ms = null, ended_at_ms = null, error = null,
       fruitless_starts = 0 where id = ?`,
      id,
    );
  }

  /** A job that is gone has nothing to tell: its notices go as well. */
  remove(id: string): void {
    this.#db.transaction(() => {
      this.#db.run('delete from deliveries where job = ?', id);
      this.#db.run('delete from jobs where id = ?', id);
    });
  }

  /** Ids of all jobs. */
  ids(): Set<string> {
    return new Set(this.#db.all<{ id: string }>('select id from jobs').map(({ id }) => id));
  }

  /** Bytes of the uploads of jobs in these states. */
  storedBytes(states: readonly JobState[] = jobStates): number {
    const row = this.#db.get<{ n: number }>(
      `select coalesce(sum(bytes), 0) as n from jobs
       where state in (select value from json_each(?))`,
      JSON.stringify(states),
    );
    return row?.n as number;
  }

  /** The job that ended first, before `beforeMs`. */
  oldestEnded(beforeMs: number): Job | undefined {
    const row = this.#db.get<JobRow>(
      `select * from jobs where state in ('succeeded', 'failed', 'cancelled') and ended_at_ms < ?
       order by ended_at_ms, number limit 1`,
      beforeMs,
    );
    return row && toJob(row);
  }

  /** Idempotent. */
  close(): void {
    this.#db.close();
  }
}
