export {
  isOpen,
  type Job,
  type JobOptions,
  type JobRequest,
  type JobState,
  jobStates,
  type Upload,
} from './job.js';
export type { JobListener, JobNews } from './job-feed.js';
export { type JobView, jobSchema } from './job-schema.js';
export type { JobService } from './job-service.js';
export type { JobServiceOptions } from './job-service-options.js';
export type { JobSource } from './job-source.js';
export type { ListOptions } from './job-store.js';
export { Jobs } from './jobs.js';
export { NatsJobs } from './nats/nats-jobs.js';
export type { Transcriber } from './transcribe-job.js';
