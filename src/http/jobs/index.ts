export { type JobRouteOptions, type JobSource, jobRoutes } from './job-routes.js';
