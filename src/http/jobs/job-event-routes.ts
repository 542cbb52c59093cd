import type { FastifyInstance, FastifyReply } from 'fastify';
import { GatewayError } from '../../errors/index.js';
import type { JobService } from '../../jobs/index.js';
import { callerOf } from '../access/index.js';
import { findJob, type OneJob, ownerFor } from './find-job.js';
import { sendAllEvents, sendJobEvents } from './job-events.js';
import { allJobEvents, jobEvents } from './job-operations.js';

/** Streams of events at the same time. */
const maxStreams = 1_000;

/** `/v1/jobs/events` and `/v1/jobs/{id}/events`: what becomes of jobs, as server-sent events. */
export function jobEventRoutes(app: FastifyInstance, jobs: { readonly service: JobService }): void {
  let streams = 0;
  const stream = (reply: FastifyReply, send: () => void) => {
    // Whoever left while their job was looked up does not leave again.
    if (reply.raw.destroyed) return void reply.hijack();
    if (streams >= maxStreams) throw new GatewayError('too_many_connections');
    streams++;
    reply.raw.on('close', () => streams--);
    reply.hijack();
    send();
  };
  // A HEAD request would never end.
  const endless = { exposeHeadRoute: false };
  app.get('/v1/jobs/events', { ...endless, ...allJobEvents }, async (request, reply) => {
    const { service } = jobs;
    const owner = ownerFor(callerOf(request));
    stream(reply, () => sendAllEvents(service, owner, reply.raw));
  });
  app.get<OneJob>('/v1/jobs/:id/events', { ...endless, ...jobEvents }, async (request, reply) => {
    const { service } = jobs;
    const job = await findJob(jobs, request);
    stream(reply, () => sendJobEvents(service, job, reply.raw));
  });
}
