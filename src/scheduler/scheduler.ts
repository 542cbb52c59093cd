import type { AudioWindow, Engine, Hypothesis, Lane } from '../engine/index.js';
import type { ErrorCode } from '../errors/index.js';
import type { PerLane } from './lanes.js';
import type { RetryPolicies } from './retry-policy.js';

/** One window for the engine. */
export interface Work {
  readonly window: AudioWindow;
  /** Whose work it is; keys share each lane by weight, and a key's sessions equally. @default the window's tenant */
  readonly key?: string;
  /** The key's share in relation to others: any number greater than 0. @default 1 */
  readonly weight?: number;
  /** Cancels it, whether it waits or runs. */
  readonly signal?: AbortSignal;
  /** A slot was given; once for each try. */
  readonly onStarted?: () => void;
}

/** What became of a window: `done`, or the code it was rejected with. */
export type Outcome = 'done' | ErrorCode;

/**
 * Called as things happen, for metrics and logs. Times in milliseconds; `queueMs` of a partial counts
 * from when its turn was first waited for, by it or by one that it replaced.
 */
export interface SchedulerHooks {
  onQueued?(event: { lane: Lane }): void;
  /** The first slot was given. */
  onStarted?(event: { lane: Lane; queueMs: number }): void;
  /** The first slot came later than the lane's deadline, or never. */
  onLate?(event: { lane: Lane; queueMs: number }): void;
  onRetry?(event: { lane: Lane; code: ErrorCode; failures: number; delayMs: number }): void;
  /** A running window was aborted for a more urgent one. @param ranMs What was lost with it. */
  onPreempted?(event: { lane: Lane; ranMs: number }): void;
  /** `queueMs` until the first slot, `inferenceMs` of the last one; 0 where it never ran. */
  onSettled?(event: { lane: Lane; outcome: Outcome; queueMs: number; inferenceMs: number }): void;
}

/** What the scheduler needs of an engine, whose slots may become fewer or more at any time. */
export interface SlottedEngine extends Pick<Engine, 'slots' | 'transcribe'> {
  /** Calls `listener` whenever `slots` has changed. */
  onSlotsChanged?(listener: () => void): void;
}

export interface SchedulerOptions {
  readonly engine: SlottedEngine;
  /** Windows that may wait in each lane, those between two tries included. */
  readonly maxQueued: PerLane<number>;
  /** Age at which a waiting partial is dropped as `stale`. */
  readonly maxPartialAgeMs: number;
  readonly retry: RetryPolicies;
  readonly hooks?: SchedulerHooks;
  /** Milliseconds on a clock that never goes back. */
  readonly now?: () => number;
  /** 0 … 1, for the jitter of retries. */
  readonly random?: () => number;
}

/** How many windows may run: a number, or as many as the engine has slots. */
export type SlotSetting = number | 'auto';

/** A lane now, and how long its latest windows waited for their first slot. Milliseconds. */
export interface LaneStats {
  readonly running: number;
  /** Those between two tries included. */
  readonly waiting: number;
  readonly max_waiting: number;
  /** Of the turns that are waited for now; 0 without any. */
  readonly longest_wait_ms: number;
  /** Of the latest 500 windows; null before the first one. */
  readonly wait_ms: { readonly p50: number; readonly p95: number; readonly p99: number } | null;
}

/** Totals since the start, and every lane, named as `/v1/stats` shows them. */
export interface SchedulerStats {
  readonly max_concurrent: number;
  readonly active_tasks: number;
  readonly total_tasks: number;
  /** Neither done nor given up on purpose (cancelled, superseded, stale). */
  readonly failed_tasks: number;
  /** Tries that ran out of memory, those included that a retry made good. */
  readonly oom_errors: number;
  /** 0 … 1: done of done and failed; 1 while there is neither. */
  readonly success_rate: number;
  readonly slots: SlotSetting;
  readonly lanes: PerLane<LaneStats>;
}

/** Decides which window gets the next free slot of the engine. */
export interface Scheduler {
  /**
   * How many windows may run, changeable at any time: what runs beyond a lower number may end, unless
   * a final needs its slot. The engine's own slots are never exceeded. @default 'auto'
   */
  slots: SlotSetting;
  /** How many windows may run, in numbers. */
  readonly concurrency: number;
  /** Windows in the engine now. */
  readonly active: number;
  /** Windows that wait for a slot or for their next try. */
  readonly waiting: PerLane<number>;
  readonly stats: SchedulerStats;
  /**
   * Queues one window. A partial takes the place of the one its session has waiting; a final ends
   * the session's waiting partial and, where no slot is free, a running partial or batch window.
   * @throws GatewayError what the engine said after the last try, or `queue_full`, `superseded`,
   *   `stale`, `cancelled`, `server_draining`; `invalid_argument` for a weight of 0 or less.
   */
  submit(work: Work): Promise<Hypothesis>;
  /** Rejects everything with `server_draining`; resolves once no inference runs. Idempotent. */
  close(): Promise<void>;
}
