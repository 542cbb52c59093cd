import { setTimeout as pause } from 'node:timers/promises';
import { GatewayError } from '../errors/index.js';
import type { ModelLease } from '../models/index.js';
import type { RecordingDependencies } from '../recording/index.js';

/** How long a job waits for memory; where some model always keeps it, there never is any. */
const patienceMs = 3_600_000;
const leaseRetryMs = 2_000;

/** Hears of what the engine is about to do for a job, before it does. */
interface Notes {
  /** Its windows are decoded with this one from now on. */
  readonly onModel: (model: string) => Promise<void>;
  readonly onFirstWindow: () => Promise<void>;
}

/** The same, but that they are noted, and wait for memory. */
export function notedDependencies(
  dependencies: RecordingDependencies,
  { onModel, onFirstWindow }: Notes,
): RecordingDependencies {
  const { leaseModel } = dependencies;
  let reached: Promise<void> | undefined;
  return {
    ...dependencies,
    ...(leaseModel && {
      leaseModel: async (...asked) => {
        const lease = await patiently(() => leaseModel(...asked), asked[1]?.signal);
        try {
          await onModel(lease.model);
        } catch (error) {
          lease.release();
          throw error;
        }
        return lease;
      },
    }),
    submit: async (window, signal) => {
      reached ??= onFirstWindow();
      await reached;
      return dependencies.submit(window, signal);
    },
  };
}

/**
 * A model for which there is no memory now may be loaded when others have ended.
 * @throws GatewayError what else `lease` says, and in the end also that.
 */
async function patiently(
  lease: () => Promise<ModelLease>,
  signal: AbortSignal | undefined,
): Promise<ModelLease> {
  const since = performance.now();
  for (;;) {
    try {
      return await lease();
    } catch (error) {
      const { code } = GatewayError.from(error);
      if (code !== 'memory_budget_exceeded' || performance.now() - since > patienceMs) throw error;
      await pause(leaseRetryMs, undefined, { signal });
    }
  }
}
