export { cachedSubmit } from './cached-submit.js';
export { createHypothesisCache, type HypothesisCache } from './hypothesis-cache.js';
export { createScheduler } from './lane-scheduler.js';
export type { PerLane } from './lanes.js';
export { Overload } from './overload.js';
export { type RetryPolicies, type RetryPolicy, retryPolicies } from './retry-policy.js';
export type {
  LaneStats,
  Outcome,
  Scheduler,
  SchedulerHooks,
  SchedulerOptions,
  SchedulerStats,
  SlotSetting,
  Work,
} from './scheduler.js';
export { SpeakingLoad } from './speaking-load.js';
