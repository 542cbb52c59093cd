import { GatewayError } from '../../errors/index.js';

/** Settles as `promise` does, or rejects with `cancelled` as soon as nobody waits any more. */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise;
  return new Promise((resolve, reject) => {
    const cancel = () => reject(new GatewayError('cancelled'));
    if (signal.aborted) return cancel();
    signal.addEventListener('abort', cancel);
    const settled = () => signal.removeEventListener('abort', cancel);
    promise.then(resolve, reject).finally(settled);
  });
}
