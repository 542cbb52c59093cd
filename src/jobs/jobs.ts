import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { GatewayError } from '../errors/index.js';
import type { JobService } from './job-service.js';
import type { JobServiceOptions } from './job-service-options.js';
import type { JobSource } from './job-source.js';
import { databaseFile, openSqliteJobs } from './sqlite/open-sqlite-jobs.js';

/** How often a data folder that could not be used is tried again. */
const retryMs = 5_000;

/**
 * The job service, opened when it is first needed: at once where there are jobs of an earlier start, else
 * with the first request. A gateway whose data folder cannot be used, or is another's still, does all else,
 * and says why it has no jobs to whoever asks for them.
 */
export class Jobs implements JobSource {
  accepting = true;
  readonly #options: JobServiceOptions;
  #service: JobService | undefined;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: JobServiceOptions) {
    this.#options = options;
    if (existsSync(join(options.dataDir, databaseFile))) this.#openSoon();
  }

  get service(): JobService {
    if (this.#closed) throw new GatewayError('server_draining');
    this.#service ??= openSqliteJobs(this.#options);
    return this.#service;
  }

  get counts(): JobService['counts'] | null {
    return this.#closed ? null : (this.#service?.counts ?? null);
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#service?.close();
  }

  /** Jobs that wait need nobody to ask for them. */
  #openSoon(): void {
    try {
      this.service;
    } catch (error) {
      if (!this.#timer) {
        const { message } = error as Error;
        this.#options.log.warn({ message }, 'jobs are not available yet');
      }
      this.#timer = setTimeout(() => this.#openSoon(), retryMs).unref();
    }
  }
}
