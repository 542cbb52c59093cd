import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { type Caller, mayManage } from '../../access/index.js';
import { GatewayError } from '../../errors/index.js';
import type { Job, JobService } from '../../jobs/index.js';
import { callerOf } from '../access/index.js';
import type { jobParams } from './job-schemas.js';

/** A route with a job in its address. */
export interface OneJob {
  Params: z.output<typeof jobParams>;
}

/**
 * The job that a request names, where it is its caller's; nobody is told which jobs others have.
 * @throws GatewayError `not_found`, `jobs_unavailable`.
 */
export async function findJob(
  jobs: { readonly service: JobService },
  request: FastifyRequest<OneJob>,
): Promise<Job> {
  const job = await jobs.service.find(request.params.id);
  if (!mayManage(callerOf(request), job.owner)) {
    throw new GatewayError('not_found', { message: 'There is no such job.' });
  }
  return job;
}

/** Whose jobs a caller sees: its own; all of them where it is undefined. */
export function ownerFor(caller: Caller): string | undefined {
  return mayManage(caller, null) ? undefined : caller.id;
}
