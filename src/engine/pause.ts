/**
 * Resolves after `ms`, or as soon as `signal` aborts; with Infinity only then. On the global timer,
 * which tests can fake.
 */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = ms === Number.POSITIVE_INFINITY ? undefined : setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}
