import { GatewayError } from '../errors/index.js';
import { type FinishedWindow, toTranscript } from '../recording/index.js';
import type { Transcript } from '../transcript/index.js';
import { isOpen, type Job } from './job.js';

/** The text of a job, as it was heard. @throws GatewayError `job_open`, or `job_ended` where it did not succeed. */
export async function resultOf(
  job: Job,
  windows: (id: string) => Promise<FinishedWindow[]>,
): Promise<Transcript> {
  if (isOpen(job)) throw new GatewayError('job_open');
  if (job.state !== 'succeeded') {
    throw new GatewayError('job_ended', {
      message: `This job has ${job.state === 'failed' ? 'failed' : 'been cancelled'}: it has no result.`,
    });
  }
  return toTranscript(await windows(job.id), job.options, job.durationMs ?? 0);
}
