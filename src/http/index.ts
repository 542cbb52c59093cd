export { createHttpApp } from './create-http-app.js';
export type { Health } from './health-routes.js';
export type { ServedModel } from './model-routes.js';
export type { DeviceMemory, Stats } from './stats-routes.js';
