import { type FileHandle, open } from 'node:fs/promises';
import { GatewayError } from '../errors/index.js';
import { asHeard, postProcessTranscript } from '../post-processing/index.js';
import type { Transcript } from '../transcript/index.js';
import { type Ending, isOpen, type Job } from './job.js';
import { JobFeed, type JobListener } from './job-feed.js';
import { JobIntake } from './job-intake.js';
import { resultOf } from './job-result.js';
import { JobRunner } from './job-runner.js';
import type { JobView } from './job-schema.js';
import type { JobServiceOptions } from './job-service-options.js';
import type { JobStore, ListOptions, StartedJob } from './job-store.js';
import { jobView } from './job-view.js';
import { Paces } from './paces.js';
import { Retention } from './retention.js';
import type { Uploads } from './uploads.js';
import { noticeOf, WebhookSender } from './webhooks/webhook-sender.js';

/** Jobs: transcriptions of uploaded files that survive whatever happens to this process. */
export class JobService {
  /** The way in. */
  readonly intake: JobIntake;
  readonly #options: JobServiceOptions;
  readonly #store: JobStore;
  readonly #uploads: Uploads;
  readonly #feed = new JobFeed();
  readonly #paces = new Paces();
  readonly #runner: JobRunner;
  readonly #webhooks: WebhookSender;
  readonly #retention: Retention;
  #closing: Promise<void> | undefined;

  /** @param store Is closed with this, as the uploads are. */
  constructor(options: JobServiceOptions, store: JobStore, uploads: Uploads) {
    const { log } = options;
    this.#options = options;
    this.#uploads = uploads;
    this.#store = store;
    store.listen({
      onChanged: (job) => this.#changed(job),
      onRemoved: (job) => this.#removed(job),
      onQueueChanged: () => this.#queueChanged(),
      onLookAgain: () => this.#lookAgain(),
    });
    this.#webhooks = new WebhookSender(store.deliveries, { ...options.webhooks, log });
    this.#runner = new JobRunner({
      ...options,
      store,
      uploads,
      feed: this.#feed,
      onEnded: (job, ending, of) => this.#end(job, ending, of),
    });
    this.#retention = new Retention(options, store, uploads, (job) => this.#remove(job, true));
    this.intake = new JobIntake({
      store,
      uploads,
      webhooks: this.#webhooks,
      retention: this.#retention,
      maxQueued: options.maxQueued,
    });
    for (const job of store.list({ states: ['running'], limit: Number.MAX_SAFE_INTEGER })) {
      this.#paces.note(job);
    }
    this.#runner.fill();
    this.#webhooks.fill();
  }

  /** Jobs that wait, and jobs that run. */
  get counts(): { readonly queued: number; readonly running: number } {
    return { queued: this.#store.count('queued'), running: this.#store.count('running') };
  }

  /** A job as it is kept now. @throws GatewayError `not_found`, `jobs_unavailable`. */
  async find(id: string): Promise<Job> {
    const job = await this.#store.fetch(id);
    if (!job) throw new GatewayError('not_found', { message: 'There is no such job.' });
    return job;
  }

  /** A job as this process knows it. */
  peek(id: string): Job | undefined {
    return this.#store.find(id);
  }

  /** The newest first. @throws GatewayError `bad_field` where there is no job to go on behind. */
  list(options: ListOptions): Job[] {
    const { after, owner } = options;
    const behind = after === undefined ? undefined : this.#store.find(after);
    const isTheirs = owner === undefined || behind?.owner === owner;
    if (after !== undefined && !(behind && isTheirs)) {
      // It may have been deleted between two pages: an empty one would look like the last.
      const message =
        'There is no job of this id in "after", or no longer: begin with the first page.';
      throw new GatewayError('bad_field', { message, param: 'after' });
    }
    return this.#store.list(options);
  }

  /** The ids of queued jobs, the next one first. @param owner Only of this one. */
  queue(limit: number, owner?: string): string[] {
    return this.#store.queue(limit, owner);
  }

  view(job: Job): JobView {
    const latest = this.#runner.withProgress(job);
    return jobView(latest, {
      queuePosition: this.#store.positionOf(job.id),
      leftMs: job.state === 'running' ? this.#paces.leftMs(latest) : null,
    });
  }

  /** Moves a job in the queue; one that runs keeps it for the next start. @throws GatewayError `not_found`, `job_ended`. */
  async prioritize(id: string, priority: number): Promise<void> {
    if (!isOpen(await this.find(id))) throw new GatewayError('job_ended');
    await this.#store.prioritize(id, priority);
  }

  /** Ends a job that waits or runs. @throws GatewayError `not_found`, `job_ended`. */
  async cancel(id: string): Promise<void> {
    const job = await this.find(id);
    if (!(await this.#end(job, { state: 'cancelled' }))) throw new GatewayError('job_ended');
  }

  /**
   * Queues a job that failed or was cancelled once more; it goes on behind its last finished window.
   * @throws GatewayError `not_found`, `job_open`, `job_ended` where it succeeded, `queue_full`.
   */
  async retry(id: string): Promise<void> {
    const job = await this.find(id);
    if (isOpen(job)) throw new GatewayError('job_open');
    if (job.state === 'succeeded') throw new GatewayError('job_ended');
    this.intake.requirePlaces(1);
    await this.#store.queueAgain(id);
  }

  /** Removes a job with all that belongs to it, whatever state it is in. @throws GatewayError `not_found`. */
  async delete(id: string): Promise<void> {
    await this.#remove(await this.find(id));
  }

  /** The text as it is shown. @throws GatewayError `not_found`, `job_open`, `job_ended` where it did not succeed. */
  async transcript(id: string): Promise<Transcript> {
    const job = await this.find(id);
    const processor = job.rules ? this.#options.postProcessor(job.rules) : asHeard;
    const heard = await resultOf(job, (of) => this.#store.windows(of));
    return postProcessTranscript(heard, processor);
  }

  /** The file of a job, to be closed by the caller. @throws GatewayError `not_found`, `disk_full`, `jobs_unavailable`. */
  async openAudio(id: string): Promise<FileHandle> {
    const path = await this.#uploads.locate(id);
    return await open(path, 'r').catch((cause) => {
      throw new GatewayError('not_found', { message: 'The file of this job is gone.', cause });
    });
  }

  /** @returns Ends it. */
  listen(listener: JobListener): () => void {
    return this.#feed.listen(listener);
  }

  /** Interrupts what runs; the next start goes on with it. Idempotent. Never rejects. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#retention.close();
    this.#feed.close();
    await Promise.all([this.#runner.close(), this.#webhooks.close()]);
    await this.#leave();
    await this.#uploads.close();
  }

  /** Where the disk says no, the next start takes what ran for interrupted, which it was. */
  async #leave(): Promise<void> {
    try {
      await this.#store.interrupt();
    } catch (error) {
      this.#options.log.error({ error }, 'jobs could not be put back');
    }
    await this.#store.close();
  }

  #changed(job: Job): void {
    this.#paces.note(job);
    this.#runner.check(job);
    this.#feed.changed(this.#runner.withProgress(job));
    if (!isOpen(job)) this.#webhooks.fill();
  }

  #removed(job: Job): void {
    this.#paces.forget(job.id);
    // Nothing reads the file any more when it goes.
    void this.#runner.stop(job.id).then(() => this.#uploads.forget(job.id));
    this.#feed.deleted(job);
  }

  #queueChanged(): void {
    this.#feed.queueChanged();
    this.#runner.fill();
  }

  #lookAgain(): void {
    this.#runner.fill();
    this.#webhooks.fill();
  }

  /** @returns False where it had ended already. */
  async #end({ id }: Job, ending: Ending, of?: StartedJob): Promise<boolean> {
    const now = Date.now();
    const facts = { queuePosition: null, leftMs: null };
    const notice = (ended: Job) => noticeOf(ended, jobView(ended, facts), now);
    const job = await this.#store.ended(id, ending, now, notice, of);
    if (!job) return false;
    this.#options.log.info({ jobId: id, state: job.state, starts: job.starts }, 'job ended');
    this.#options.onEnded?.(job.state);
    this.#retention.enforce();
    return true;
  }

  /** @returns Whether it is gone. */
  async #remove({ id }: Job, onlyEnded = false): Promise<boolean> {
    if (!(await this.#store.remove(id, onlyEnded))) return false;
    await this.#runner.stop(id);
    await this.#uploads.remove(id);
    return true;
  }
}
