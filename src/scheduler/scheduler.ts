import type { AudioWindow, Engine, Hypothesis, Lane } from '../engine/index.js';
import type { ErrorCode } from '../errors/index.js';
import type { RetryPolicies } from './retry-policy.js';

/** One window for the engine. */
export interface Work {
  readonly window: AudioWindow;
  /** Whom its lane's turn is taken for. @default the window's session */
  readonly key?: string;
  /** Cancels it, whether it waits or runs. */
  readonly signal?: AbortSignal;
  /** A slot was given; once for each try. */
  readonly onStarted?: () => void;
}

/** What became of a window: `done`, or the code it was rejected with. */
export type Outcome = 'done' | ErrorCode;

/** Called as things happen, for metrics and logs. Times in milliseconds. */
export interface SchedulerHooks {
  onQueued?(event: { lane: Lane }): void;
  /** A slot was given; once for each try. */
  onStarted?(event: { lane: Lane; queueMs: number }): void;
  onRetry?(event: { lane: Lane; code: ErrorCode; failures: number; delayMs: number }): void;
  /** `queueMs` until the first try, `inferenceMs` of the last one; 0 where it never ran. */
  onSettled?(event: { lane: Lane; outcome: Outcome; queueMs: number; inferenceMs: number }): void;
}

export interface SchedulerOptions {
  readonly engine: Pick<Engine, 'slots' | 'transcribe'>;
  /** Windows that may wait, those between two tries included. */
  readonly maxQueued: number;
  readonly retry: RetryPolicies;
  readonly hooks?: SchedulerHooks;
  /** Milliseconds on a clock that never goes back. */
  readonly now?: () => number;
  /** 0 … 1, for the jitter of retries. */
  readonly random?: () => number;
}

/** Totals since the start, named as `/v1/stats` shows them. */
export interface SchedulerStats {
  readonly max_concurrent: number;
  readonly active_tasks: number;
  readonly total_tasks: number;
  /** Neither done nor given up on purpose (cancelled, superseded). */
  readonly failed_tasks: number;
  /** Tries that ran out of memory, those included that a retry made good. */
  readonly oom_errors: number;
  /** 0 … 1: done of done and failed; 1 while there is neither. */
  readonly success_rate: number;
}

/** Decides which window gets the next free slot of the engine. */
export interface Scheduler {
  /** Inferences at the same time; may be changed while running. */
  concurrency: number;
  /** Windows in the engine now. */
  readonly active: number;
  /** Windows that wait for a slot or for their next try. */
  readonly waiting: Readonly<Record<Lane, number>>;
  readonly stats: SchedulerStats;
  /**
   * Queues one window. A partial takes the place of the one its session has waiting; a final ends
   * the session's waiting partial and, where no slot is free, the running one.
   * @throws GatewayError what the engine said after the last try, or `queue_full`, `superseded`,
   *   `cancelled`, `server_draining`.
   */
  submit(work: Work): Promise<Hypothesis>;
  /** Rejects everything with `server_draining`; resolves once no inference runs. Idempotent. */
  close(): Promise<void>;
}
