export { createLogger, type Logger } from './logger.js';
export { createMetrics, type Metrics, metricTable } from './metrics.js';
export { modelHooks } from './model-hooks.js';
export { resumeHooks, schedulerHooks, sessionMetrics, speechHooks } from './observe.js';
export { residentMemory } from './resident-memory.js';
