export { accessRoutes } from './access-routes.js';
export { callerOf } from './caller-of.js';
export { guardRoutes } from './guard-routes.js';
