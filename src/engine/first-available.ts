import { type EventEmitter, once } from 'node:events';
import { GatewayError } from '../errors/index.js';

/** What somebody waits for. */
interface Wait<T> {
  /** Emits `change` whenever `pick` may have another answer. */
  readonly changes: EventEmitter;
  /** What is wanted, or null while there is none. @throws where waiting has become pointless. */
  readonly pick: () => T | null;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Resolves with what `pick` finds, now or after a change.
 * @throws GatewayError `engine_unavailable` after `timeoutMs`, `cancelled`, and whatever `pick` throws.
 */
export async function firstAvailable<T>({ changes, pick, timeoutMs, signal }: Wait<T>): Promise<T> {
  const found = pick();
  if (found !== null) return found;
  const late = AbortSignal.timeout(timeoutMs);
  const given = signal ? AbortSignal.any([late, signal]) : late;
  for (;;) {
    try {
      await once(changes, 'change', { signal: given });
    } catch {
      throw new GatewayError(signal?.aborted ? 'cancelled' : 'engine_unavailable');
    }
    const next = pick();
    if (next !== null) return next;
  }
}
