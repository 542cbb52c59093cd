import { extname } from 'node:path';
import type { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { JobOptions, JobService, JobView, Upload } from '../../jobs/index.js';
import { formatTranscript } from '../../transcript/index.js';
import { parseRequest } from '../parse-request.js';
import type { RequestNames } from '../request-names.js';
import { type FormLimits, receiveForm } from '../uploads/receive-form.js';
import { leaveBodiesUnread } from '../uploads/unread-bodies.js';
import { jobEventRoutes } from './job-event-routes.js';
import * as operations from './job-operations.js';
import { parseListQuery, readJobForm } from './job-requests.js';
import {
  type createdJobsSchema,
  type jobListSchema,
  type jobParams,
  jobResultQuery,
  resultTypes,
} from './job-schemas.js';
import { contentDisposition, sendAudio } from './send-audio.js';

export interface JobSource {
  /** @throws GatewayError `jobs_unavailable`, `server_draining`. */
  readonly service: JobService;
}

/** Limits of uploads, and what is not asked for in a form. */
export type JobRouteOptions = FormLimits & Pick<JobOptions, 'chineseScript'>;

/** Files of one form: enough for most folders. */
const maxFiles = 100;

interface OneJob {
  Params: z.output<typeof jobParams>;
}

/** `/v1/jobs`: files that are transcribed in their own time. */
export function jobRoutes(
  app: FastifyInstance,
  jobs: JobSource,
  names: RequestNames,
  options: JobRouteOptions,
): void {
  const view = (id: string): JobView => jobs.service.view(jobs.service.find(id));

  app.register((scope, _options, registered) => {
    leaveBodiesUnread(scope);
    scope.post('/v1/jobs', operations.createJobs, async (request, reply) => {
      const created = await createJobs({ request, reply, service: jobs.service, names, options });
      return reply.status(201).send(created);
    });
    scope.post<OneJob>('/v1/jobs/:id/cancel', operations.cancelJob, async ({ params }) => {
      jobs.service.cancel(params.id);
      return view(params.id);
    });
    scope.post<OneJob>('/v1/jobs/:id/retry', operations.retryJob, async ({ params }) => {
      jobs.service.retry(params.id);
      return view(params.id);
    });
    scope.delete<OneJob>('/v1/jobs/:id', operations.deleteJob, async ({ params }, reply) => {
      await jobs.service.delete(params.id);
      return reply.status(204).send();
    });
    registered();
  });

  app.get('/v1/jobs', operations.listJobs, async ({ query }) => listJobs(jobs.service, query));
  app.get<OneJob>('/v1/jobs/:id', operations.findJob, async ({ params }) => view(params.id));
  app.get<OneJob>('/v1/jobs/:id/result', operations.jobResult, async ({ params, query }, reply) => {
    const { format, words } = parseRequest(jobResultQuery, query);
    const { name } = jobs.service.find(params.id);
    const text = formatTranscript(jobs.service.transcript(params.id), format, { words });
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
    handler: (request, reply) => {
      const { id } = request.params;
      return sendAudio(request, reply, jobs.service.find(id), jobs.service.audioPath(id));
    },
  });
  jobEventRoutes(app, jobs);
}

interface Submission {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly service: JobService;
  readonly names: RequestNames;
  readonly options: JobRouteOptions;
}

async function createJobs({
  request: { raw },
  reply,
  service,
  names,
  options,
}: Submission): Promise<z.input<typeof createdJobsSchema>> {
  const { intake } = service;
  await intake.prepare(Number(raw.headers['content-length'] ?? 0));
  const left = new AbortController();
  reply.raw.once('close', () => left.abort());
  const keeper = {
    maxFiles,
    keep: (stream: Readable, name: string) => intake.receive(name, stream),
    discard: (upload: Upload) => intake.discard(upload),
  };
  const { files, fields } = await receiveForm(raw, options, keeper, left.signal);
  try {
    const ids = intake.create(files, await readJobForm(fields, options, names));
    return { object: 'list', data: ids.map((id) => service.view(service.find(id))) };
  } catch (error) {
    await Promise.all(files.map((upload) => intake.discard(upload)));
    throw error;
  }
}

function listJobs(service: JobService, query: unknown): z.input<typeof jobListSchema> {
  const asked = parseListQuery(query);
  // One more than is shown tells whether there are more.
  const found = service.list({ ...asked, limit: asked.limit + 1 });
  const data = found.slice(0, asked.limit).map((job) => service.view(job));
  const more = found.length > asked.limit;
  return { object: 'list', data, has_more: more, next: (more && data.at(-1)?.id) || null };
}
