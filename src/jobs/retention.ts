import { GatewayError } from '../errors/index.js';
import type { Job } from './job.js';
import type { JobStore } from './job-store.js';
import type { Uploads } from './uploads.js';

export interface RetentionOptions {
  /** Ended jobs go after this long; 0 keeps them. */
  readonly maxAgeMs: number;
  /** Above so many bytes of uploads, ended jobs go, those first that ended first. */
  readonly maxBytes: number;
  /** What stays free on the disk. */
  readonly reservedBytes: number;
  readonly log: { error(fields: object, message: string): void };
}

/** How often jobs are looked at that have become too old. */
const intervalMs = 60_000;
/** Whenever it ended. */
const forever = Number.MAX_SAFE_INTEGER;

/** Removes ended jobs when they are too old, or take too much space. Jobs that wait or run stay. */
export class Retention {
  readonly #options: RetentionOptions;
  readonly #store: JobStore;
  readonly #uploads: Uploads;
  readonly #remove: (job: Job) => Promise<boolean>;
  readonly #timer: NodeJS.Timeout;

  /** @param remove Resolves to whether it is gone: another may have queued it again. */
  constructor(
    options: RetentionOptions,
    store: JobStore,
    uploads: Uploads,
    remove: (job: Job) => Promise<boolean>,
  ) {
    this.#options = options;
    this.#store = store;
    this.#uploads = uploads;
    this.#remove = remove;
    this.#timer = setInterval(() => this.enforce(), intervalMs).unref();
    this.enforce();
  }

  /** Never throws: what could not be removed is tried again soon. */
  enforce(): void {
    const { maxAgeMs, maxBytes, log } = this.#options;
    const failed = (error: unknown) => log.error({ error }, 'old jobs could not be removed');
    if (maxAgeMs > 0) this.#removeEnded(Date.now() - maxAgeMs, () => true).catch(failed);
    this.#removeEnded(forever, () => this.#store.storedBytes() > maxBytes).catch(failed);
  }

  /**
   * For what is arriving, and so many bytes more.
   * @throws GatewayError `disk_full` where that would be too many.
   */
  async makeRoom(bytes: number): Promise<void> {
    const { maxBytes, reservedBytes } = this.#options;
    const coming = this.#uploads.arrivingBytes + bytes;
    if (this.#store.storedBytes(['queued', 'running']) + coming > maxBytes) {
      throw new GatewayError('disk_full', {
        message: 'With the jobs that wait or run this is more than JOBS_MAX_BYTES grants.',
      });
    }
    await this.#removeEnded(forever, () => this.#store.storedBytes() + coming > maxBytes);
    if ((await this.#uploads.freeBytes()) < bytes + reservedBytes) {
      throw new GatewayError('disk_full');
    }
  }

  close(): void {
    clearInterval(this.#timer);
  }

  async #removeEnded(beforeMs: number, wanted: () => boolean): Promise<void> {
    while (wanted()) {
      const job = this.#store.oldestEnded(beforeMs);
      if (!job || !(await this.#remove(job))) return;
    }
  }
}
