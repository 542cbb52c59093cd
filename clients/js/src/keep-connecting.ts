import { backoffMs, defaultReconnect, pauseUntilOnline } from './backoff.js';
import type { ClientError } from './client-error.js';

/** How one connection ended. */
export interface Connected {
  /** Whether anything came of it. */
  readonly served: boolean;
  readonly error: ClientError;
}

/**
 * Connects again and again, the later the longer nothing came of it, until the signal is aborted.
 * @param connect One connection, to its end. Never rejects.
 * @param onLost Told why each one is over.
 */
export async function keepConnecting(
  signal: AbortSignal,
  connect: () => Promise<Connected>,
  onLost: (error: ClientError) => void,
): Promise<void> {
  for (let attempt = 1; !signal.aborted; attempt++) {
    const { served, error } = await connect();
    if (signal.aborted) return;
    onLost(error);
    if (served) attempt = 1;
    await pauseUntilOnline(backoffMs(defaultReconnect, attempt, error.retryAfterMs), signal);
  }
}
