import { GatewayError } from '../errors/index.js';
import { cacheKey, type HypothesisCache } from './hypothesis-cache.js';
import type { Scheduler, Work } from './scheduler.js';

export interface CachedSubmitOptions {
  readonly cache: HypothesisCache;
  /** Name of the model that would answer this now. */
  readonly model: (work: Work) => string;
  readonly onLookup?: (result: 'hit' | 'miss') => void;
}

/**
 * `submit` of a scheduler, but audio that was answered before, with the same options and the same
 * model, is answered at once and takes no slot. Partials are never the same twice, and pass.
 */
export function cachedSubmit(
  submit: Scheduler['submit'],
  { cache, model, onLookup }: CachedSubmitOptions,
): Scheduler['submit'] {
  return async (work) => {
    if (work.window.lane === 'partial') return submit(work);
    if (work.signal?.aborted) throw new GatewayError('cancelled');
    const asked = model(work);
    const key = cacheKey(work, asked);
    const known = cache.get(key);
    onLookup?.(known ? 'hit' : 'miss');
    if (known) return known;
    const hypothesis = await submit(work);
    // The model may have been changed meanwhile, and who answered is not known.
    if (model(work) === asked) cache.set(key, hypothesis);
    return hypothesis;
  };
}
