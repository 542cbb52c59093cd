export { createLogger, type Logger } from './logger.js';
export { createMetrics, type Metrics, metricTable } from './metrics.js';
export { modelHooks } from './model-hooks.js';
export {
  requestHook,
  resumeHooks,
  schedulerHooks,
  sessionMetrics,
  speechHooks,
} from './observe.js';
export { createRecentErrors, type RecentError, type RecentErrors } from './recent-errors.js';
export {
  type RequestContext,
  requestFields,
  requestIdOf,
  withinRequest,
} from './request-context.js';
export { residentMemory } from './resident-memory.js';
export { openTracing, type Tracing } from './tracing.js';
