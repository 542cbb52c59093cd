import type { Lane } from '../engine/index.js';

/** When a window that failed for the moment is tried again. Data: `retryDelayMs` reads it. */
export interface RetryPolicy {
  /** Further tries after the first one. */
  readonly retries: number;
  /** How many of them go without any wait. */
  readonly atOnce: number;
  /** Wait before the first of the others. */
  readonly baseMs: number;
  /** By how much each further wait is longer. */
  readonly factor: number;
  /** 0 … 1: a wait is longer or shorter by up to this share, at random. */
  readonly jitter: number;
}

/** One policy a lane. */
export type RetryPolicies = Readonly<Record<Lane, RetryPolicy>>;

/**
 * The policies of the gateway: someone waits for a final, so its first retry goes at once (a worker
 * that died is replaced by then, or the engine waits for that); a partial is followed by a newer
 * one anyway; file work has time, and waits long enough for memory to come free.
 * @param maxRetries Further tries of finals and of batch work.
 * @param retryDelayMs Wait before the first retry of batch work, doubling after that.
 */
export function retryPolicies(options: {
  maxRetries: number;
  retryDelayMs: number;
}): RetryPolicies {
  const live = { atOnce: 1, baseMs: 250, factor: 2, jitter: 0.2 };
  return {
    final: { ...live, retries: options.maxRetries },
    partial: { ...live, retries: 0 },
    batch: {
      retries: options.maxRetries,
      atOnce: 0,
      baseMs: options.retryDelayMs,
      factor: 2,
      jitter: 0,
    },
  };
}

/**
 * How long to wait before the next try, or null to give up.
 * @param failures How often the window has failed, the last time included.
 * @param random 0 … 1.
 */
export function retryDelayMs(policy: RetryPolicy, failures: number, random: number): number | null {
  if (failures > policy.retries) return null;
  const wait =
    failures <= policy.atOnce ? 0 : policy.baseMs * policy.factor ** (failures - policy.atOnce - 1);
  return Math.round(wait * (1 + policy.jitter * (2 * random - 1)));
}
