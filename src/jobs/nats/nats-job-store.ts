import type { FinishedWindow } from '../../recording/index.js';
import {
  type Ending,
  isOpen,
  type Job,
  type JobRequest,
  type JobState,
  totalMs,
  type Upload,
} from '../job.js';
import type { JobStore, JobStoreListener, ListOptions, StartedJob } from '../job-store.js';
import type { Delivery } from '../webhooks/delivery-store.js';
import type { JobRecord, KeptRecord } from './job-record.js';
import { NatsDeliveryStore } from './nats-delivery-store.js';
import { NatsStartedJob } from './nats-started-job.js';
import type { RecordBucket, RecordHooks } from './record-bucket.js';
import type { WindowLog } from './window-log.js';

/** What is no id of a job is no key of the bucket either. */
const idPattern = /^job_[0-9a-f]{24}$/;
/** Notices of one job that may wait, lest its record be too large; above that, the oldest are given up. */
const maxNotices = 5;

interface StoreParts {
  /** Of this process; no other one, nor another start of it, has the same. */
  readonly gatewayId: string;
  readonly log: WindowLog;
  /** Whether another gateway is gone, and what it worked on free. */
  readonly isGone: (gatewayId: string) => boolean;
  readonly openRecords: (hooks: RecordHooks) => RecordBucket;
  readonly warn: (fields: object, message: string) => void;
  /** What is known is not kept up to date any more, until `found` is called. */
  readonly onLost: () => void;
}

/** Jobs that gateways share over NATS: each of them knows all, and whichever has room works on the next one. */
export class NatsJobStore implements JobStore {
  readonly deliveries: NatsDeliveryStore;
  readonly #parts: StoreParts;
  readonly #records: RecordBucket;
  /** Starts of which it is not known whether they were kept: then nobody works on them. */
  readonly #doubtful = new Map<string, number>();
  #listener: JobStoreListener | undefined;
  #available = false;

  constructor(parts: StoreParts) {
    const { warn, onLost } = parts;
    this.#parts = parts;
    this.#records = parts.openRecords({
      onChanged: (record, before) => this.#changed(record, before),
      onRemoved: ({ job }) => {
        this.#listener?.onRemoved(job);
        this.#listener?.onQueueChanged();
      },
      onUnwatched: () => {
        this.lost();
        onLost();
      },
      onUnreadable: (jobId, cause) => warn({ jobId, cause }, 'a job cannot be read'),
    });
    this.deliveries = new NatsDeliveryStore(this.#records, () => this.#available);
  }

  /** False while NATS is away, and what is known may be out of date. */
  get available(): boolean {
    return this.#available;
  }

  /** NATS is gone. */
  lost(): void {
    this.#available = false;
  }

  /** NATS is there, for the first time or again: reads what there is. @throws GatewayError `jobs_unavailable`. */
  async found(): Promise<void> {
    await this.#records.watch();
    this.#available = true;
    this.#listener?.onLookAgain();
  }

  /** Looks for what nobody works on any more, and for what could not be done before. Never rejects. */
  async tend(): Promise<void> {
    if (!this.#available) return;
    const free = this.#records.index.all().filter((record) => this.#isFree(record));
    await Promise.allSettled(free.map((record) => this.#release(record)));
    this.#listener?.onLookAgain();
  }

  /** @throws GatewayError `jobs_unavailable`. */
  async sweep(): Promise<void> {
    await this.#records.sweep();
  }

  listen(listener: JobStoreListener): void {
    this.#listener = listener;
  }

  find(id: string): Job | undefined {
    return this.#records.index.get(id)?.job;
  }

  async fetch(id: string): Promise<Job | undefined> {
    return idPattern.test(id) ? (await this.#records.fetch(id))?.job : undefined;
  }

  list(options: ListOptions): Job[] {
    return this.#records.index.list(options);
  }

  count(state: JobState): number {
    return this.#records.index.count(state);
  }

  queue(limit: number, owner?: string): string[] {
    return this.#records.index.queue(limit, owner);
  }

  positionOf(id: string): number | null {
    return this.#records.index.positionOf(id);
  }

  storedBytes(states?: readonly JobState[]): number {
    return this.#records.index.storedBytes(states);
  }

  oldestEnded(beforeMs: number): Job | undefined {
    return this.#records.index.oldestEnded(beforeMs);
  }

  windows(id: string): Promise<FinishedWindow[]> {
    return this.#parts.log.read(id);
  }

  async add(uploads: readonly Upload[], request: JobRequest, nowMs: number): Promise<Job[]> {
    const jobs: Job[] = [];
    try {
      for (const upload of uploads) {
        const job = newJob(upload, request, nowMs);
        await this.#records.create({ job, number: 0, runner: null, notices: [] });
        jobs.push(job);
      }
    } catch (error) {
      // That of which it is not known whether it was kept included.
      const ids = uploads.slice(0, jobs.length + 1).map(({ id }) => id);
      await Promise.allSettled(ids.map((id) => this.#records.fetch(id)));
      await Promise.allSettled(ids.map((id) => this.remove(id)));
      throw error;
    }
    return jobs;
  }

  async start(id: string, nowMs: number): Promise<StartedJob | null> {
    const { gatewayId, log } = this.#parts;
    let starts = 0;
    try {
      const kept = await this.#records.update(id, (record) => {
        if (record.job.state !== 'queued') return null;
        // Of what it is by then: two starts with one number could write over each other's windows.
        starts = record.job.starts + 1;
        const job: Job = { ...record.job, state: 'running', startedAtMs: nowMs, starts };
        return { ...record, job, runner: gatewayId };
      });
      return kept && new NatsStartedJob(kept.job, gatewayId, this.#records, log);
    } catch (error) {
      this.#doubtful.set(id, starts);
      throw error;
    }
  }

  async ended(
    id: string,
    ending: Ending,
    nowMs: number,
    notice: (job: Job) => Delivery | null,
    of?: StartedJob,
  ): Promise<Job | null> {
    const start = of instanceof NatsStartedJob ? of : null;
    const end = async () => {
      let isOurs = false;
      const kept = await this.#records.update(id, (record) => {
        // What was not answered in time may have been kept all the same.
        isOurs = record.job.state === ending.state && record.job.endedAtMs === nowMs;
        if (start ? !start.owns(record) : !isOpen(record.job)) return null;
        return endedRecord(record, ending, nowMs, notice);
      });
      return kept?.job ?? (isOurs ? (this.find(id) ?? null) : null);
    };
    return start ? await start.persist(end) : await end();
  }

  async prioritize(id: string, priority: number): Promise<void> {
    await this.#change(id, (job) => ({ ...job, priority }));
  }

  async queueAgain(id: string): Promise<void> {
    await this.#change(id, (job) =>
      isOpen(job)
        ? null
        : {
            ...job,
            state: 'queued',
            startedAtMs: null,
            endedAtMs: null,
            error: null,
            fruitlessStarts: 0,
          },
    );
  }

  async remove(id: string, onlyEnded = false): Promise<boolean> {
    const mayGo = ({ job }: KeptRecord) => !onlyEnded || !isOpen(job);
    if (!(await this.#records.remove(id, mayGo))) return false;
    await this.#parts.log.remove(id);
    return true;
  }

  async interrupt(): Promise<void> {
    const { gatewayId } = this.#parts;
    const ours = this.#records.index.all().filter(({ runner }) => runner === gatewayId);
    const put = (record: KeptRecord) =>
      this.#records.update(record.job.id, (latest) =>
        isSameStart(latest, record)
          ? { ...latest, runner: null, job: { ...latest.job, state: 'queued', fruitlessStarts: 0 } }
          : null,
      );
    await Promise.all(ours.map(put));
  }

  async close(): Promise<void> {
    this.#available = false;
    this.#records.close();
  }

  #changed(record: KeptRecord, before: KeptRecord | undefined): void {
    const { job } = record;
    this.#listener?.onChanged(job);
    if (!before || placeOf(before) !== placeOf(record)) this.#listener?.onQueueChanged();
  }

  #isFree(record: KeptRecord): boolean {
    const { job, runner } = record;
    if (job.state !== 'running' || runner === null) return false;
    const isDoubtful = this.#doubtful.get(job.id) === job.starts;
    return runner === this.#parts.gatewayId ? isDoubtful : this.#parts.isGone(runner);
  }

  /** Queues again what nobody works on. */
  async #release(record: KeptRecord): Promise<void> {
    const { id, starts } = record.job;
    const kept = await this.#records.update(id, (latest) =>
      isSameStart(latest, record)
        ? { ...latest, runner: null, job: { ...latest.job, state: 'queued' } }
        : null,
    );
    this.#doubtful.delete(id);
    if (kept) this.#parts.warn({ jobId: id, starts }, 'job of a gateway that is gone');
  }

  async #change(id: string, change: (job: Job) => Job | null): Promise<void> {
    await this.#records.update(id, (record) => {
      const job = change(record.job);
      return job && { ...record, job };
    });
  }
}

function newJob(upload: Upload, request: JobRequest, nowMs: number): Job {
  return {
    ...upload,
    ...request,
    state: 'queued',
    model: null,
    createdAtMs: nowMs,
    startedAtMs: null,
    endedAtMs: null,
    starts: 0,
    fruitlessStarts: 0,
    durationMs: null,
    channels: null,
    doneMs: 0,
    error: null,
  };
}

function endedRecord(
  record: JobRecord,
  ending: Ending,
  nowMs: number,
  noticeOf: (job: Job) => Delivery | null,
): JobRecord {
  const { state } = ending;
  const error = state === 'failed' ? ending.error : null;
  let job: Job = { ...record.job, state, endedAtMs: nowMs, error };
  if (state === 'succeeded') {
    const { durationMs } = ending;
    job = { ...job, durationMs };
    job = { ...job, doneMs: totalMs(job) ?? job.doneMs };
  }
  const notice = noticeOf(job);
  const notices = notice ? [...record.notices, notice].slice(-maxNotices) : record.notices;
  return { ...record, job, runner: null, notices };
}

function isSameStart(latest: KeptRecord, { job, runner }: KeptRecord): boolean {
  const is = latest.job;
  return is.state === 'running' && latest.runner === runner && is.starts === job.starts;
}

/** What a job's place in the queue, or beside it, comes from. */
function placeOf({ job: { state, fruitlessStarts, priority } }: KeptRecord): string {
  return state === 'queued' ? `${fruitlessStarts > 0} ${priority}` : state;
}
