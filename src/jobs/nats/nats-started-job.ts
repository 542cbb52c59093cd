import { setTimeout as pause } from 'node:timers/promises';
import { GatewayError } from '../../errors/index.js';
import type { FinishedWindow } from '../../recording/index.js';
import type { Job } from '../job.js';
import type { StartedJob } from '../job-store.js';
import type { KeptRecord } from './job-record.js';
import type { RecordBucket } from './record-bucket.js';
import type { LogEnd, WindowLog } from './window-log.js';

/** How long what cannot be kept waits for the next try. */
const retryMs = 500;

/** One start of a job, by this gateway. What it keeps waits for NATS as long as it takes. */
export class NatsStartedJob implements StartedJob {
  readonly job: Job;
  readonly #runner: string;
  readonly #records: RecordBucket;
  readonly #log: WindowLog;
  readonly #abort = new AbortController();
  #end: LogEnd | undefined;

  /** @param runner This gateway. */
  constructor(job: Job, runner: string, records: RecordBucket, log: WindowLog) {
    this.job = job;
    this.#runner = runner;
    this.#records = records;
    this.#log = log;
  }

  async windows(): Promise<FinishedWindow[]> {
    const { id, starts } = this.job;
    const { windows, end } = await this.persist(() => this.#log.begin(id, starts));
    this.#end = end;
    return windows;
  }

  async probed(durationMs: number | null, channels: number): Promise<void> {
    await this.#change({ durationMs, channels });
  }

  async usesModel(model: string): Promise<void> {
    await this.#change({ model });
  }

  async reachedEngine(): Promise<void> {
    await this.#change({ fruitlessStarts: this.job.fruitlessStarts + 1 });
  }

  async addWindow(window: FinishedWindow, doneMs: number): Promise<void> {
    const end = this.#end as LogEnd;
    this.#end = await this.persist(() => this.#log.append(this.job.id, end, window));
    await this.#change({ doneMs, fruitlessStarts: 0 });
  }

  abort(): void {
    this.#abort.abort();
  }

  /** Whether a job is still this start's. */
  owns({ job, runner }: Pick<KeptRecord, 'job' | 'runner'>): boolean {
    return job.state === 'running' && runner === this.#runner && job.starts === this.job.starts;
  }

  /**
   * Tries until it is kept.
   * @throws GatewayError `cancelled` where nobody waits for it any more; what else `work` throws.
   */
  async persist<T>(work: () => Promise<T>): Promise<T> {
    const { signal } = this.#abort;
    for (;;) {
      if (signal.aborted) throw new GatewayError('cancelled');
      try {
        return await work();
      } catch (error) {
        if (GatewayError.from(error).code !== 'jobs_unavailable') throw error;
        await pause(retryMs, undefined, { signal }).catch(() => {});
      }
    }
  }

  async #change(facts: Partial<Job>): Promise<void> {
    const kept = await this.persist(() =>
      this.#records.update(this.job.id, (record) =>
        this.owns(record) ? { ...record, job: { ...record.job, ...facts } } : null,
      ),
    );
    if (!kept) throw new GatewayError('cancelled');
  }
}
