export { createScheduler } from './lane-scheduler.js';
export { type RetryPolicies, type RetryPolicy, retryPolicies } from './retry-policy.js';
export type {
  Outcome,
  Scheduler,
  SchedulerHooks,
  SchedulerOptions,
  SchedulerStats,
  Work,
} from './scheduler.js';
