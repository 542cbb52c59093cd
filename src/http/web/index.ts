export { readWebApp, type WebApp } from './web-app.js';
export { webRoutes } from './web-routes.js';
