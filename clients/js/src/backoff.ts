/** How a lost connection is tried again. */
export interface ReconnectPolicy {
  /** Tries in a row that may fail before it is given up. */
  readonly attempts: number;
  readonly baseMs: number;
  readonly factor: number;
  readonly maxMs: number;
  /** Share of a pause that is left to chance, so that many clients do not come back at once. */
  readonly jitter: number;
}

/** About five minutes in all. */
export const defaultReconnect: ReconnectPolicy = {
  attempts: 24,
  baseMs: 300,
  factor: 2,
  maxMs: 15_000,
  jitter: 0.3,
};

/** The pause before a try, counted from 1; never shorter than the gateway asked for. */
export function backoffMs(
  policy: ReconnectPolicy,
  attempt: number,
  askedMs = 0,
  chance: () => number = Math.random,
): number {
  const full = Math.min(policy.maxMs, policy.baseMs * policy.factor ** (attempt - 1));
  return Math.max(askedMs, full * (1 - policy.jitter * chance()));
}

/** Waits; ends early when the browser is online again, or when `signal` is aborted. */
export function pauseUntilOnline(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const target = typeof window === 'undefined' ? null : window;
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      target?.removeEventListener('online', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
    target?.addEventListener('online', end);
    if (signal.aborted) end();
  });
}
