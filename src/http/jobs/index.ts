export { type JobRouteOptions, jobRoutes } from './job-routes.js';
