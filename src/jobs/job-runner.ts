import type { DecoderLog } from '../audio/index.js';
import { catalog, GatewayError } from '../errors/index.js';
import { type Ending, type Job, totalMs } from './job.js';
import type { JobFeed } from './job-feed.js';
import type { JobStore, StartedJob } from './job-store.js';
import { type Transcriber, transcribeJob } from './transcribe-job.js';
import type { Uploads } from './uploads.js';

export interface RunnerOptions {
  readonly store: JobStore;
  readonly uploads: Pick<Uploads, 'locate'>;
  readonly feed: JobFeed;
  readonly transcriber: Transcriber;
  /** Jobs that run at the same time. */
  readonly concurrency: number;
  /** Longest audio. */
  readonly maxAudioMs: number;
  /** Keeps and tells how a job has ended. @param of Only if it is still this start of it. */
  readonly onEnded: (job: Job, ending: Ending, of?: StartedJob) => Promise<unknown>;
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
  /** Null until it is ours. */
  started: StartedJob | null;
  /** Not kept: a restart begins again behind the last finished window. */
  doneMs: number;
  /** The process did not survive this job before, and nothing has shown yet that it does now. */
  suspect: boolean;
  /** Resolves when nothing works on it any more. Never rejects. */
  ended: Promise<void>;
}

/**
 * Works on queued jobs, several at a time, the next one as soon as one has ended. Each job is a session of
 * its own to the scheduler, so that they share the engine fairly. One that a process did not survive is
 * alone until it has finished a window: should it be the reason, it takes no other job with it.
 */
export class JobRunner {
  readonly #options: RunnerOptions;
  readonly #runs = new Map<string, Run>();
  /** There may be something to start that the pass under way has not seen. */
  #wanted = false;
  #filling: Promise<void> | null = null;
  #closed = false;

  constructor(options: RunnerOptions) {
    this.#options = options;
  }

  /** Starts queued jobs while there is room. Never throws: what could not be started stays queued. */
  fill(): void {
    this.#wanted = true;
    this.#filling ??= this.#fillWhileWanted();
  }

  async #fillWhileWanted(): Promise<void> {
    const { log } = this.#options;
    // Whoever asked is in the middle of something.
    await Promise.resolve();
    while (this.#wanted) {
      this.#wanted = false;
      try {
        await this.#fill();
      } catch (error) {
        const { code } = GatewayError.from(error);
        // It comes back by itself, and is told of there.
        if (code !== 'jobs_unavailable') log.error({ error }, 'a job could not be started');
      }
    }
    this.#filling = null;
  }

  async #fill(): Promise<void> {
    const { store, concurrency, onEnded } = this.#options;
    while (!this.#closed && this.#runs.size < concurrency) {
      // One that was cancelled and queued again may still be on its way out.
      const next = store.queue(this.#runs.size + 1).find((id) => !this.#runs.has(id));
      if (next === undefined) return;
      const job = store.find(next) as Job;
      const refusal = this.#refusal(job);
      if (refusal) {
        await onEnded(job, refusal);
        // There may be many of them, and each is written to the disk.
        await new Promise(setImmediate);
      } else {
        if (!this.#mayJoin(job)) return;
        await this.#start(job);
      }
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

  /** The job with the silence that it has just passed. */
  withProgress(job: Job): Job {
    const doneMs = Math.max(job.doneMs, this.#runs.get(job.id)?.doneMs ?? 0);
    return job.state === 'running' ? { ...job, doneMs } : job;
  }

  /** Something about a job has changed: work on it ends where it is not this process's any more. */
  check({ id, state, starts }: Pick<Job, 'id' | 'state' | 'starts'>): void {
    const run = this.#runs.get(id);
    if (!run?.started) return;
    if (state !== 'running' || starts !== run.started.job.starts) void this.stop(id);
  }

  /** Ends the work on a job, whatever state it is in now. Never rejects. */
  async stop(id: string): Promise<void> {
    const run = this.#runs.get(id);
    run?.abort.abort();
    run?.started?.abort();
    await run?.ended;
  }

  /** Interrupts all jobs; the next start goes on with them. Idempotent. Never rejects. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#runs.keys()].map((id) => this.stop(id)));
    await this.#filling;
  }

  /** Resolves when it is known whether the job is ours. @throws What the store says. */
  async #start({ id, doneMs, fruitlessStarts }: Job): Promise<void> {
    const suspect = fruitlessStarts > 0;
    const abort = new AbortController();
    const ended = Promise.resolve();
    const run: Run = { abort, started: null, doneMs, suspect, ended };
    this.#runs.set(id, run);
    try {
      run.started = await this.#options.store.start(id, Date.now());
    } catch (error) {
      this.#runs.delete(id);
      throw error;
    }
    if (run.started) run.ended = this.#finish(run.started, run);
    else this.#runs.delete(id);
  }

  async #finish(started: StartedJob, run: Run): Promise<void> {
    const { id } = started.job;
    run.doneMs = started.job.doneMs;
    this.#options.log.info({ jobId: id, starts: started.job.starts }, 'job started');
    try {
      // It may have been stopped before it was ours.
      if (!run.abort.signal.aborted) await this.#work(started, run);
    } finally {
      this.#runs.delete(id);
      this.fill();
    }
  }

  async #work(started: StartedJob, run: Run): Promise<void> {
    const { transcriber, uploads, maxAudioMs, onEnded, log } = this.#options;
    const { job } = started;
    const { signal } = run.abort;
    try {
      const durationMs = await transcribeJob(started, {
        transcriber,
        path: await uploads.locate(job.id, signal),
        maxAudioMs,
        onProgress: (doneMs, windowFinished) => this.#progress(job, run, doneMs, windowFinished),
        signal,
        log: log.child({ jobId: job.id }),
      });
      if (signal.aborted) return;
      const latest = this.#options.store.find(job.id) ?? job;
      this.#heard(job, run, totalMs({ ...latest, durationMs }) ?? run.doneMs);
      await onEnded(job, { state: 'succeeded', durationMs }, started);
    } catch (thrown) {
      // Whoever aborted it has said what becomes of it.
      if (signal.aborted) return;
      const { code, message, cause } = GatewayError.from(thrown);
      // The scheduler ends before we do where the whole gateway does; or the job is another's by now.
      if (code === 'server_draining' || code === 'cancelled') return;
      if (code === 'internal_error') log.error({ jobId: job.id, error: thrown }, 'job broke');
      else log.warn({ jobId: job.id, code, cause }, 'job failed');
      await this.#fail(started, { code, message });
    }
  }

  #progress(job: Job, run: Run, doneMs: number, windowFinished: boolean): void {
    const { store, feed } = this.#options;
    this.#heard(job, run, doneMs);
    const latest = store.find(job.id);
    // A window was told of as it was kept.
    if (latest && !windowFinished) feed.changed(this.withProgress(latest));
    if (!windowFinished || !run.suspect) return;
    run.suspect = false;
    this.fill();
  }

  #heard({ owner }: Job, run: Run, doneMs: number): void {
    this.#options.onAudio?.(owner, doneMs - run.doneMs);
    run.doneMs = doneMs;
  }

  /** The disk may be what has failed: then the job stays as it is, until the next start. */
  async #fail(started: StartedJob, error: NonNullable<Job['error']>): Promise<void> {
    const { onEnded, log } = this.#options;
    try {
      await onEnded(started.job, { state: 'failed', error }, started);
    } catch (cause) {
      log.error({ jobId: started.job.id, error: cause }, 'the end of a job could not be kept');
    }
  }
}
