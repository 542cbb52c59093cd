import { extname } from 'node:path';
import type { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { Access, Caller } from '../../access/index.js';
import { GatewayError } from '../../errors/index.js';
import type { JobOptions, JobService, JobSource, JobView, Upload } from '../../jobs/index.js';
import { formatTranscript } from '../../transcript/index.js';
import { callerOf } from '../access/index.js';
import { endStalled } from '../end-stalled.js';
import { parseRequest } from '../parse-request.js';
import type { RequestNames } from '../request-names.js';
import { limitsFor } from '../uploads/limits-for.js';
import { type FormLimits, receiveForm } from '../uploads/receive-form.js';
import { leaveBodiesUnread } from '../uploads/unread-bodies.js';
import { findJob, type OneJob, ownerFor } from './find-job.js';
import { jobEventRoutes } from './job-event-routes.js';
import * as operations from './job-operations.js';
import { parseListQuery, readJobForm } from './job-requests.js';
import {
  type createdJobsSchema,
  jobChange,
  type jobListSchema,
  jobResultQuery,
  resultTypes,
} from './job-schemas.js';
import { contentDisposition, sendAudio } from './send-audio.js';

/** Limits of uploads, and what is not asked for in a form. */
export type JobRouteOptions = FormLimits & Pick<JobOptions, 'chineseScript'>;

/** What these routes work with. */
interface JobParts {
  readonly jobs: Pick<JobSource, 'accepting' | 'service'>;
  readonly names: RequestNames;
  readonly options: JobRouteOptions;
  readonly access: Pick<Access, 'requireAudio'>;
}

/** When a client that was turned away should ask again, of another gateway or of this one. */
const retryAfterMs = 1_000;
/** Files of one form: enough for most folders. */
const maxFiles = 100;

/** `/v1/jobs`: files that are transcribed in their own time. */
export function jobRoutes(app: FastifyInstance, parts: JobParts): void {
  const { jobs, access, options } = parts;
  const { uploadStallMs } = options;
  const view = async (id: string): Promise<JobView> =>
    jobs.service.view(await jobs.service.find(id));

  app.register((scope, _options, registered) => {
    leaveBodiesUnread(scope);
    scope.post('/v1/jobs', operations.createJobs, async (request, reply) => {
      if (!jobs.accepting) throw new GatewayError('server_draining', { retryAfterMs });
      access.requireAudio(callerOf(request));
      const created = await createJobs({ ...parts, request, reply, service: jobs.service });
      return reply.status(201).send(created);
    });
    scope.post<OneJob>('/v1/jobs/:id/cancel', operations.cancelJob, async (request) => {
      const { id } = await findJob(jobs, request);
      await jobs.service.cancel(id);
      return view(id);
    });
    scope.post<OneJob>('/v1/jobs/:id/retry', operations.retryJob, async (request) => {
      const { id } = await findJob(jobs, request);
      access.requireAudio(callerOf(request));
      await jobs.service.retry(id);
      return view(id);
    });
    scope.delete<OneJob>('/v1/jobs/:id', operations.deleteJob, async (request, reply) => {
      await jobs.service.delete((await findJob(jobs, request)).id);
      return reply.status(204).send();
    });
    registered();
  });

  app.get('/v1/jobs', operations.listJobs, async (request) =>
    listJobs(jobs.service, request.query, callerOf(request)),
  );
  app.get<OneJob>('/v1/jobs/:id', operations.findJob, async (request) =>
    jobs.service.view(await findJob(jobs, request)),
  );
  app.patch<OneJob>('/v1/jobs/:id', operations.changeJob, async (request) => {
    const { id } = await findJob(jobs, request);
    await jobs.service.prioritize(id, parseRequest(jobChange, request.body).priority);
    return view(id);
  });
  app.get<OneJob>('/v1/jobs/:id/result', operations.jobResult, async (request, reply) => {
    const { format, words } = parseRequest(jobResultQuery, request.query);
    const { id, name } = await findJob(jobs, request);
    const text = formatTranscript(await jobs.service.transcript(id), format, { words });
    endStalled(reply, uploadStallMs);
    const stem = name.slice(0, name.length - extname(name).length);
    return reply
      .type(`${resultTypes[format]}; charset=utf-8`)
      .header('content-disposition', contentDisposition(`${stem}.${format}`))
      .send(text);
  });
  app.route<OneJob>({
    method: ['GET', 'HEAD'],
    url: '/v1/jobs/:id/audio',
    ...operations.jobAudio,
    handler: async (request, reply) => {
      const job = await findJob(jobs, request);
      const file = await jobs.service.openAudio(job.id);
      return sendAudio(request, reply, job, file, uploadStallMs);
    },
  });
  jobEventRoutes(app, jobs);
}

interface Submission extends JobParts {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly service: JobService;
}

async function createJobs({
  request,
  reply,
  service,
  names,
  options,
}: Submission): Promise<z.input<typeof createdJobsSchema>> {
  const { intake } = service;
  const { raw } = request;
  const caller = callerOf(request);
  await intake.prepare(Number(raw.headers['content-length'] ?? 0));
  const left = new AbortController();
  reply.raw.once('close', () => left.abort());
  const keeper = {
    maxFiles,
    keep: (stream: Readable, name: string) => intake.receive(name, stream),
    discard: (upload: Upload) => intake.discard(upload),
  };
  const { files, fields } = await receiveForm(raw, limitsFor(caller, options), keeper, left.signal);
  try {
    const asked = await readJobForm(fields, options, names);
    const ids = await intake.create(files, { ...asked, owner: caller.id });
    const jobs = await Promise.all(ids.map((id) => service.find(id)));
    return { object: 'list', data: jobs.map((job) => service.view(job)) };
  } catch (error) {
    await Promise.all(files.map((upload) => intake.discard(upload)));
    throw error;
  }
}

function listJobs(
  service: JobService,
  query: unknown,
  caller: Caller,
): z.input<typeof jobListSchema> {
  const asked = { ...parseListQuery(query), owner: ownerFor(caller) };
  // One more than is shown tells whether there are more.
  const found = service.list({ ...asked, limit: asked.limit + 1 });
  const data = found.slice(0, asked.limit).map((job) => service.view(job));
  const more = found.length > asked.limit;
  return { object: 'list', data, has_more: more, next: (more && data.at(-1)?.id) || null };
}
