export type { AdminControls } from './admin-routes.js';
export { createHttpApp } from './create-http-app.js';
export type { Health } from './health-routes.js';
export type { ModelSource, ServedModel } from './model-routes.js';
export { readTls } from './read-tls.js';
export type { DeviceMemory, HostStats, LoadedModel, ModelMemory, Stats } from './stats-routes.js';
export type { StreamAddress } from './stream-url.js';
export { readWebApp } from './web/index.js';
