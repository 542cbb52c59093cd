import { z } from 'zod';
import type { ErrorCode } from '../../errors/index.js';
import { jobSchema } from '../../jobs/index.js';
import { json, jsonBodyErrors, operation } from '../openapi/index.js';
import {
  createdJobsSchema,
  jobChange,
  jobForm,
  jobListQuery,
  jobListSchema,
  jobParams,
  jobResultQuery,
  resultTypes,
} from './job-schemas.js';

/** What the routes of jobs say of themselves. */

const tag = 'Jobs';
/** While there are no jobs, or none any more. */
const away: readonly ErrorCode[] = ['jobs_unavailable', 'server_draining', 'disk_full'];
const ofOne: readonly ErrorCode[] = ['not_found', ...away];
const theJob = { 200: { description: 'The job as it is now.', content: json(jobSchema) } };

export const createJobs = operation({
  scope: 'jobs',
  tag,
  summary: 'Keeps files, and transcribes them in their own time',
  description: 'Up to 100 files in one form, each in a field `file`; each becomes a job.',
  body: {
    'multipart/form-data': z.object({
      file: z.array(z.file()).min(1).describe('one file or several'),
      ...jobForm.shape,
    }),
  },
  answers: { 201: { description: 'The jobs.', content: json(createdJobsSchema) } },
  errors: [
    'bad_field',
    'bad_upload',
    'webhook_refused',
    'model_not_found',
    'upload_timeout',
    'upload_too_large',
    'not_multipart',
    'queue_full',
    ...away,
  ],
});

export const listJobs = operation({
  scope: 'jobs',
  tag,
  summary: 'Jobs, page by page',
  query: jobListQuery,
  answers: { 200: { description: 'One page.', content: json(jobListSchema) } },
  errors: ['bad_field', ...away],
});

export const findJob = operation({
  scope: 'jobs',
  tag,
  summary: 'One job',
  params: jobParams,
  answers: theJob,
  errors: ofOne,
});

export const changeJob = operation({
  scope: 'jobs',
  tag,
  summary: 'Moves a job forward or back in the queue',
  params: jobParams,
  body: json(jobChange),
  answers: theJob,
  errors: [...jsonBodyErrors, 'job_ended', ...ofOne],
});

export const cancelJob = operation({
  scope: 'jobs',
  tag,
  summary: 'Stops a job, or takes it out of the queue',
  params: jobParams,
  answers: theJob,
  errors: ['job_ended', ...ofOne],
});

export const retryJob = operation({
  scope: 'jobs',
  tag,
  summary: 'Queues a failed or cancelled job again',
  description: 'What was transcribed already is kept.',
  params: jobParams,
  answers: theJob,
  errors: ['job_open', 'job_ended', ...ofOne],
});

export const deleteJob = operation({
  scope: 'jobs',
  tag,
  summary: 'Forgets a job, its file and its text',
  params: jobParams,
  answers: { 204: { description: 'It is gone.', content: {} } },
  errors: ofOne,
});

export const jobResult = operation({
  scope: 'jobs',
  tag,
  summary: 'The text of a job that succeeded',
  params: jobParams,
  query: jobResultQuery,
  answers: {
    200: {
      description: 'The text in the `format` that was asked for.',
      content: Object.fromEntries(
        Object.entries(resultTypes).map(([format, type]) => [
          type,
          format === 'json' ? z.looseObject({ text: z.string() }) : z.string(),
        ]),
      ),
    },
  },
  errors: ['bad_field', 'job_open', 'job_ended', ...ofOne],
});

export const jobAudio = operation({
  scope: 'jobs',
  tag,
  summary: "A job's file, as it was uploaded",
  description: 'With `Range`, the part of it that is asked for.',
  params: jobParams,
  answers: {
    200: { description: 'The file.', content: { '*/*': z.file() } },
    206: { description: 'A part of it.', content: { '*/*': z.file() } },
    416: { description: 'There is no such part.', content: {} },
  },
  errors: ofOne,
});

const events = {
  'text/event-stream': z.looseObject({
    event: z.enum(['job', 'deleted', 'queue']),
    data: z.string().describe('JSON'),
  }),
};

export const allJobEvents = operation({
  endless: true,
  scope: 'jobs',
  tag,
  summary: 'What becomes of jobs, as it happens',
  description: 'Never ends. `job`, `deleted` and `queue`, each with its data as JSON.',
  answers: { 200: { description: 'Events.', content: events } },
  errors: ['too_many_connections', ...away],
});

export const jobEvents = operation({
  endless: true,
  scope: 'jobs',
  tag,
  summary: 'What becomes of one job, as it happens',
  description: 'Ends with the job.',
  params: jobParams,
  answers: { 200: { description: 'Events.', content: events } },
  errors: ['too_many_connections', ...ofOne],
});
