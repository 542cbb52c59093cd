import { GatewayError } from '../errors/index.js';
import { asHeard, postProcessTranscript } from '../post-processing/index.js';
import type { Transcript } from '../transcript/index.js';
import type { Database } from './database.js';
import { type Ending, isOpen, type Job } from './job.js';
import { JobFeed, type JobListener } from './job-feed.js';
import { JobIntake } from './job-intake.js';
import { resultOf } from './job-result.js';
import { JobRunner } from './job-runner.js';
import type { JobView } from './job-schema.js';
import type { JobServiceOptions } from './job-service-options.js';
import { JobStore } from './job-store.js';
import { jobView } from './job-view.js';
import type { ListOptions } from './list-jobs.js';
import { Retention } from './retention.js';
import type { UploadFolder } from './upload-folder.js';
import { DeliveryStore } from './webhooks/delivery-store.js';
import { noticeOf, WebhookSender } from './webhooks/webhook-sender.js';

/** Jobs: transcriptions of uploaded files that survive whatever happens to this process. */
export class JobService {
  /** The way in. */
  readonly intake: JobIntake;
  readonly #options: JobServiceOptions;
  readonly #store: JobStore;
  readonly #uploads: UploadFolder;
  readonly #feed = new JobFeed();
  readonly #runner: JobRunner;
  readonly #webhooks: WebhookSender;
  readonly #retention: Retention;
  #closing: Promise<void> | undefined;

  /** @param database Is closed with this. */
  constructor(options: JobServiceOptions, database: Database, uploads: UploadFolder) {
    const { log } = options;
    this.#options = options;
    this.#uploads = uploads;
    this.#store = new JobStore(database);
    const resumed = this.#store.resume();
    uploads.tidy(this.#store.ids());
    this.#webhooks = new WebhookSender(new DeliveryStore(database), { ...options.webhooks, log });
    this.#runner = new JobRunner({
      ...options,
      store: this.#store,
      feed: this.#feed,
      pathOf: (id) => uploads.pathOf(id),
      onEnded: (job, ending) => this.#end(job, ending),
    });
    this.#retention = new Retention(options, this.#store, uploads, (job) => this.#remove(job));
    this.intake = new JobIntake({
      store: this.#store,
      uploads,
      webhooks: this.#webhooks,
      retention: this.#retention,
      maxQueued: options.maxQueued,
      onCreated: (jobs) => this.#created(jobs),
    });
    log.info({ resumed, waiting: this.#store.count('queued') }, 'jobs opened');
    this.#runner.fill();
    this.#webhooks.fill();
  }

  /** Jobs that wait, and jobs that run. */
  get counts(): { readonly queued: number; readonly running: number } {
    return { queued: this.#store.count('queued'), running: this.#store.count('running') };
  }

  /** @throws GatewayError `not_found`. */
  find(id: string): Job {
    const job = this.#store.find(id);
    if (!job) throw new GatewayError('not_found', { message: 'There is no such job.' });
    return job;
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
    return jobView(this.#runner.withProgress(job), {
      queuePosition: this.#store.positionOf(job.id),
      leftMs: this.#runner.leftMs(job),
    });
  }

  /** Moves a job in the queue; one that runs keeps it for the next start. @throws GatewayError `not_found`, `job_ended`. */
  prioritize(id: string, priority: number): void {
    if (!isOpen(this.find(id))) throw new GatewayError('job_ended');
    this.#store.prioritize(id, priority);
    this.#feed.changed(this.find(id));
    this.#feed.queueChanged();
  }

  /** Ends a job that waits or runs. @throws GatewayError `not_found`, `job_ended`. */
  cancel(id: string): void {
    const job = this.find(id);
    if (!isOpen(job)) throw new GatewayError('job_ended');
    this.#end(job, { state: 'cancelled' });
    void this.#runner.stop(id);
  }

  /**
   * Queues a job that failed or was cancelled once more; it goes on behind its last finished window.
   * @throws GatewayError `not_found`, `job_open`, `job_ended` where it succeeded, `queue_full`.
   */
  retry(id: string): void {
    const job = this.find(id);
    if (isOpen(job)) throw new GatewayError('job_open');
    if (job.state === 'succeeded') throw new GatewayError('job_ended');
    this.intake.requirePlaces(1);
    this.#store.queueAgain(id);
    this.#feed.changed(this.find(id));
    this.#feed.queueChanged();
    this.#runner.fill();
  }

  /** Removes a job with all that belongs to it, whatever state it is in. @throws GatewayError `not_found`. */
  async delete(id: string): Promise<void> {
    await this.#remove(this.find(id));
  }

  /** The text as it is shown. @throws GatewayError `not_found`, `job_open`, `job_ended` where it did not succeed. */
  transcript(id: string): Transcript {
    const job = this.find(id);
    const processor = job.rules ? this.#options.postProcessor(job.rules) : asHeard;
    return postProcessTranscript(resultOf(job, this.#store), processor);
  }

  /** Where the file of a job lies. @throws GatewayError `not_found`. */
  audioPath(id: string): string {
    return this.#uploads.pathOf(this.find(id).id);
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
    this.#leave();
  }

  /** Where the disk says no, the next start takes what ran for interrupted, which it was. */
  #leave(): void {
    try {
      this.#store.interrupt();
    } catch (error) {
      this.#options.log.error({ error }, 'jobs could not be put back');
    }
    this.#store.close();
  }

  #created(jobs: readonly Job[]): void {
    for (const job of jobs) this.#feed.changed(job);
    this.#feed.queueChanged();
    this.#runner.fill();
    this.#retention.enforce();
  }

  #end({ id }: Job, ending: Ending): void {
    const now = Date.now();
    const facts = { queuePosition: null, leftMs: null };
    const job = this.#store.ended(id, ending, now, (ended) =>
      noticeOf(ended, jobView(ended, facts), now),
    );
    this.#options.log.info({ jobId: id, state: job.state, starts: job.starts }, 'job ended');
    this.#options.onEnded?.(job.state);
    this.#feed.changed(job);
    this.#feed.queueChanged();
    this.#webhooks.fill();
    this.#retention.enforce();
  }

  async #remove(job: Job): Promise<void> {
    const { id } = job;
    this.#store.remove(id);
    this.#feed.deleted(job);
    this.#feed.queueChanged();
    // Nothing reads the file any more when it goes.
    await this.#runner.stop(id);
    await this.#uploads.remove(id);
  }
}
