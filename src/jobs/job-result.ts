import { GatewayError } from '../errors/index.js';
import { toTranscript } from '../recording/index.js';
import type { Transcript } from '../transcript/index.js';
import { isOpen, type Job } from './job.js';
import type { JobStore } from './job-store.js';

/** The text of a job, as it was heard. @throws GatewayError `job_open`, or `job_ended` where it did not succeed. */
export function resultOf(job: Job, store: Pick<JobStore, 'windows'>): Transcript {
  if (isOpen(job)) throw new GatewayError('job_open');
  if (job.state !== 'succeeded') {
    throw new GatewayError('job_ended', {
      message: `This job has ${job.state === 'failed' ? 'failed' : 'been cancelled'}: it has no result.`,
    });
  }
  return toTranscript(store.windows(job.id), job.options, job.durationMs ?? 0);
}
