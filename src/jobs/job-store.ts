import type { FinishedWindow } from '../recording/index.js';
import type { Ending, Job, JobRequest, JobState, Upload } from './job.js';
import type { Delivery, DeliveryStore } from './webhooks/delivery-store.js';

/** What is listed: all jobs, but for what is said here. */
export interface ListOptions {
  readonly states?: readonly JobState[] | undefined;
  readonly reference?: string | undefined;
  /** Only jobs of this one. */
  readonly owner?: string | undefined;
  /** Only jobs that are older than this one. */
  readonly after?: string | undefined;
  readonly limit: number;
}

/** Told of what happens to jobs, whoever did it; before whoever did it hears that it is done. */
export interface JobStoreListener {
  /** A job is new, or is not as it was. */
  onChanged(job: Job): void;
  onRemoved(job: Job): void;
  /** Other jobs are next. */
  onQueueChanged(): void;
  /** Now and then: what could not be done before may be possible now. */
  onLookAgain(): void;
}

/**
 * Jobs, their finished windows and the notices of their ends. What is asked is answered from what this process
 * knows; a change that has resolved is kept, whatever happens to this process, and all of it or nothing.
 * Changes throw GatewayError `jobs_unavailable` where nothing can be kept now.
 */
export interface JobStore {
  /** Notices of ends that are still to be delivered. */
  readonly deliveries: DeliveryStore;

  find(id: string): Job | undefined;
  /** As it is kept now, whoever changed it last. */
  fetch(id: string): Promise<Job | undefined>;
  /** The newest first. */
  list(options: ListOptions): Job[];
  /** Jobs in a state. */
  count(state: JobState): number;
  /**
   * The ids of queued jobs in turn: those that a process may not survive, since they are alone until that is
   * known; then the highest priority, then the oldest. @param owner Only of this one.
   */
  queue(limit: number, owner?: string): string[];
  /** 1 for the job that is next; null for one that does not wait. */
  positionOf(id: string): number | null;
  /** Bytes of the uploads of jobs in these states; of all where none are named. */
  storedBytes(states?: readonly JobState[]): number;
  /** The job that ended first, before `beforeMs`. */
  oldestEnded(beforeMs: number): Job | undefined;
  /** In the order of the audio. */
  windows(id: string): Promise<FinishedWindow[]>;

  /** Queues a job for each upload: all of them or none. */
  add(uploads: readonly Upload[], request: JobRequest, nowMs: number): Promise<Job[]>;
  /** @returns Null where it does not wait any more: somebody else was quicker. */
  start(id: string, nowMs: number): Promise<StartedJob | null>;
  /**
   * Ends a job that waits or runs.
   * @param notice What is to be delivered, of the job as it is then.
   * @param of Only if it is still this start of it.
   * @returns Null where there was nothing to end any more.
   */
  ended(
    id: string,
    ending: Ending,
    nowMs: number,
    notice: (job: Job) => Delivery | null,
    of?: StartedJob,
  ): Promise<Job | null>;
  prioritize(id: string, priority: number): Promise<void>;
  /** Queues an ended job once more, as one that has not begun; its finished windows stay. */
  queueAgain(id: string): Promise<void>;
  /**
   * A job that is gone has nothing to tell: its notices go as well.
   * @param onlyEnded Leaves it where it is queued again.
   * @returns Whether it is gone.
   */
  remove(id: string, onlyEnded?: boolean): Promise<boolean>;
  /** Queues what this process runs, as it ends in good order: nothing of it is to blame for that. */
  interrupt(): Promise<void>;

  /** Once, before anything else is done. */
  listen(listener: JobStoreListener): void;
  /** Idempotent. Never rejects. */
  close(): Promise<void>;
}

/**
 * A job that this process works on. What it keeps waits for as long as nothing can be kept, and throws GatewayError
 * `cancelled` where the job is not this start's any more.
 */
export interface StartedJob {
  /** As it was when it was started. */
  readonly job: Job;
  /** In the order of the audio; the next one follows on these. */
  windows(): Promise<FinishedWindow[]>;
  /** What was found out about its file. */
  probed(durationMs: number | null, channels: number): Promise<void>;
  /** Which model its windows are decoded with from now on. */
  usesModel(model: string): Promise<void>;
  /** Its first window goes to the engine; should the process not survive that, the next one knows. */
  reachedEngine(): Promise<void>;
  /** @param doneMs Audio that is dealt with, this window's included. */
  addWindow(window: FinishedWindow, doneMs: number): Promise<void>;
  /** Nobody waits for what it keeps any more. Idempotent. */
  abort(): void;
}
