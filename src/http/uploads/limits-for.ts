import type { Caller } from '../../access/index.js';
import type { FormLimits } from './receive-form.js';

/** What a caller may upload: no more than the settings say, and no more than its key does. */
export function limitsFor<T extends FormLimits>({ maxUploadBytes }: Caller, limits: T): T {
  return { ...limits, maxUploadBytes: Math.min(limits.maxUploadBytes, maxUploadBytes) };
}
