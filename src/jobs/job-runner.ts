import type { DecoderLog } from '../audio/index.js';
import { catalog, GatewayError } from '../errors/index.js';
import { type Ending, type Job, totalMs } from './job.js';
import type { JobFeed } from './job-feed.js';
import type { JobStore } from './job-store.js';
import { Pace } from './pace.js';
import { type Transcriber, transcribeJob } from './transcribe-job.js';

export interface RunnerOptions {
  readonly store: JobStore;
  readonly feed: JobFeed;
  readonly transcriber: Transcriber;
  readonly pathOf: (id: string) => string;
  /** Jobs that run at the same time. */
  readonly concurrency: number;
  /** Longest audio. */
  readonly maxAudioMs: number;
  /** Keeps and tells how a job has ended. */
  readonly onEnded: (job: Job, ending: Ending) => void;
  /** Asked before a job begins. @throws GatewayError `insufficient_quota` where its owner may have no more. */
  readonly requireAudio?: (owner: string | null) => void;
  /** So much more of a job's audio was dealt with. */
  readonly onAudio?: (owner: string | null, audioMs: number) => void;
  readonly log: RunnerLog;
}

export interface RunnerLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  /** One that says these fields with everything. */
  child(fields: object): DecoderLog;
}

/**
 * Starts in a row that the process did not survive and that finished no window, after which a job is taken
 * for the reason. Kills that have other reasons rarely come so often between two windows of one job.
 */
const maxFruitlessStarts = 5;
const deadly: Ending = {
  state: 'failed',
  error: { code: 'job_deadly', message: catalog.job_deadly.message },
};

/** One job that is worked on. */
interface Run {
  readonly abort: AbortController;
  readonly pace: Pace;
  /** Not kept: a restart begins again behind the last finished window. */
  doneMs: number;
  /** The process did not survive this job before, and nothing has shown yet that it does now. */
  suspect: boolean;
  /** Resolves when nothing works on it any more. Never rejects. */
  ended: Promise<void>;
}

/**
 * Works on queued jobs, several at a time, the next one as soon as one has ended. Each job is a session of
 * its own to the scheduler, so that they share the engine fairly. One that the process did not survive is
 * alone until it has finished a window: should it be the reason, it takes no other job with it.
 */
export class JobRunner {
  readonly #options: RunnerOptions;
  readonly #runs = new Map<string, Run>();
  #closed = false;

  constructor(options: RunnerOptions) {
    this.#options = options;
  }

  /** Starts queued jobs while there is room. Never throws: what could not be started stays queued. */
  fill(): void {
    try {
      this.#fill();
    } catch (error) {
      this.#options.log.error({ error }, 'a job could not be started');
    }
  }

  #fill(): void {
    const { store, feed, concurrency, onEnded } = this.#options;
    while (!this.#closed && this.#runs.size < concurrency) {
      // One that was cancelled and queued again may still be on its way out.
      const next = store.queue(this.#runs.size + 1).find((id) => !this.#runs.has(id));
      if (next === undefined) return;
      const job = store.find(next) as Job;
      const refusal = this.#refusal(job);
      if (refusal) {
        onEnded(job, refusal);
        // There may be many of them, and each is written to the disk.
        setImmediate(() => this.fill());
        return;
      }
      if (!this.#mayJoin(job)) return;
      store.started(next, Date.now());
      feed.queueChanged();
      this.#start(store.find(next) as Job);
    }
  }

  /** How a job ends that is not to be started; null where it is. */
  #refusal(job: Job): Ending | null {
    if (job.fruitlessStarts >= maxFruitlessStarts) return deadly;
    // What has begun is finished, whatever interrupted it.
    if (job.startedAtMs !== null) return null;
    try {
      this.#options.requireAudio?.(job.owner);
      return null;
    } catch (error) {
      const { code, message } = GatewayError.from(error);
      if (code !== 'insufficient_quota') throw error;
      return { state: 'failed', error: { code, message } };
    }
  }

  /** Whether it may run beside those that do. */
  #mayJoin({ fruitlessStarts }: Job): boolean {
    const runs = [...this.#runs.values()];
    return runs.length === 0 || (fruitlessStarts === 0 && !runs.some(({ suspect }) => suspect));
  }

  /** Milliseconds until a job's end, at its pace. */
  leftMs(job: Job): number | null {
    const run = this.#runs.get(job.id);
    return job.state === 'running' && run ? run.pace.leftMs(this.withProgress(job)) : null;
  }

  /** The job with the silence that it has just passed. */
  withProgress(job: Job): Job {
    const doneMs = Math.max(job.doneMs, this.#runs.get(job.id)?.doneMs ?? 0);
    return job.state === 'running' ? { ...job, doneMs } : job;
  }

  /** Ends the work on a job, whatever state it is in now. Never rejects. */
  async stop(id: string): Promise<void> {
    const run = this.#runs.get(id);
    run?.abort.abort();
    await run?.ended;
  }

  /** Interrupts all jobs; the next start goes on with them. Idempotent. Never rejects. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#runs.keys()].map((id) => this.stop(id)));
  }

  #start(job: Job): void {
    const { feed, log } = this.#options;
    const { id, doneMs, fruitlessStarts, starts } = job;
    const run: Run = {
      abort: new AbortController(),
      pace: new Pace(job),
      doneMs,
      suspect: fruitlessStarts > 0,
      ended: Promise.resolve(),
    };
    this.#runs.set(id, run);
    log.info({ jobId: id, starts }, 'job started');
    feed.changed(job);
    run.ended = this.#work(job, run).finally(() => {
      this.#runs.delete(id);
      this.fill();
    });
  }

  async #work(job: Job, run: Run): Promise<void> {
    const { store, transcriber, pathOf, maxAudioMs, onEnded, log } = this.#options;
    const { signal } = run.abort;
    try {
      const durationMs = await transcribeJob(job, {
        store,
        transcriber,
        path: pathOf(job.id),
        maxAudioMs,
        onProgress: (doneMs, windowFinished) => this.#progress(job, run, doneMs, windowFinished),
        signal,
        log: log.child({ jobId: job.id }),
      });
      if (signal.aborted) return;
      this.#heard(job, run, totalMs({ ...(store.find(job.id) as Job), durationMs }) ?? run.doneMs);
      onEnded(job, { state: 'succeeded', durationMs });
    } catch (thrown) {
      // Whoever aborted it has said what becomes of it.
      if (signal.aborted) return;
      const { code, message, cause } = GatewayError.from(thrown);
      // The scheduler ends before we do where the whole gateway does.
      if (code === 'server_draining') return;
      if (code === 'internal_error') log.error({ jobId: job.id, error: thrown }, 'job broke');
      else log.warn({ jobId: job.id, code, cause }, 'job failed');
      this.#fail(job, { code, message });
    }
  }

  #progress(job: Job, run: Run, doneMs: number, windowFinished: boolean): void {
    const { store, feed } = this.#options;
    const { id } = job;
    this.#heard(job, run, doneMs);
    feed.changed(this.withProgress(store.find(id) as Job));
    if (!windowFinished || !run.suspect) return;
    run.suspect = false;
    this.fill();
  }

  #heard({ owner }: Job, run: Run, doneMs: number): void {
    this.#options.onAudio?.(owner, doneMs - run.doneMs);
    run.doneMs = doneMs;
  }

  /** The disk may be what has failed: then the job stays as it is, until the next start. */
  #fail(job: Job, error: NonNullable<Job['error']>): void {
    const { onEnded, log } = this.#options;
    try {
      onEnded(job, { state: 'failed', error });
    } catch (cause) {
      log.error({ jobId: job.id, error: cause }, 'the end of a job could not be kept');
    }
  }
}
