import type { GatewayError } from '../errors/index.js';

/** When a process that keeps failing is started again. Data: `createCircuitBreaker` reads it. */
export interface BreakerPolicy {
  /** So many failures in a row, within this time, open the breaker. */
  readonly failures: number;
  readonly withinMs: number;
  /** Waits while it is closed: each is so much longer than the last, up to a limit. */
  readonly backoff: { readonly baseMs: number; readonly factor: number; readonly maxMs: number };
  /** Waits while it is open. */
  readonly pause: { readonly baseMs: number; readonly factor: number; readonly maxMs: number };
}

export const breakerPolicy: BreakerPolicy = {
  failures: 5,
  withinMs: 60_000,
  backoff: { baseMs: 250, factor: 2, maxMs: 10_000 },
  pause: { baseMs: 10_000, factor: 2, maxMs: 300_000 },
};

/**
 * `closed` while all is well, or may be in a moment; `open` while nothing is tried; `half_open` while
 * one try shows which of the two it is.
 */
export type BreakerState = 'closed' | 'open' | 'half_open';

/** Keeps a process that crashes over and over from being started for ever. It knows no clock. */
export interface CircuitBreaker {
  readonly state: BreakerState;
  /**
   * The process died, or could not be started.
   * @param nowMs On a clock that never goes back.
   * @param livedMs How long it had been up; 0 where it never was.
   * @returns Milliseconds until the next try.
   */
  failed(error: GatewayError, nowMs: number, livedMs: number): number;
  /** A try begins. */
  trying(): void;
  /** The process did its work: everything is forgotten. */
  succeeded(): void;
}

/**
 * What cannot heal by itself (a model file that is gone, a GPU that is missing) opens it at once; the
 * rest after some failures in a row. A process that was up for `withinMs` counts as a success.
 */
export function createCircuitBreaker(policy: BreakerPolicy = breakerPolicy): CircuitBreaker {
  let state: BreakerState = 'closed';
  /** Times of the last failures since the last success. */
  let failures: number[] = [];
  let openings = 0;

  const succeeded = () => {
    state = 'closed';
    failures = [];
    openings = 0;
  };

  return {
    get state() {
      return state;
    },
    failed(error, nowMs, livedMs) {
      if (livedMs >= policy.withinMs) succeeded();
      failures = [...failures, nowMs].slice(-policy.failures);
      const first = failures[0] ?? nowMs;
      const tooMany = failures.length === policy.failures && nowMs - first <= policy.withinMs;
      if (state === 'closed' && error.retryable && !tooMany) {
        return delay(policy.backoff, failures.length - 1);
      }
      state = 'open';
      return delay(policy.pause, openings++);
    },
    trying() {
      if (state === 'open') state = 'half_open';
    },
    succeeded,
  };
}

function delay(
  { baseMs, factor, maxMs }: { baseMs: number; factor: number; maxMs: number },
  times: number,
): number {
  return Math.min(baseMs * factor ** times, maxMs);
}
