import { retryPolicies } from '../../src/scheduler/index.js';

/** What a scheduler of a test is made with, but for its engine. */
export const schedulerOptions = {
  maxQueued: { final: 100, partial: 100, batch: 100 },
  maxPartialAgeMs: 3_000,
  retry: retryPolicies({ maxRetries: 3, retryDelayMs: 5_000 }),
};
