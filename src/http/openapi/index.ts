export { openApiRoutes } from './openapi-routes.js';
export { type Content, json, jsonBodyErrors, operation } from './operation.js';
export { noteRoutes } from './route-table.js';
