import { z } from 'zod';
import { jobSchema, jobStates } from '../../jobs/index.js';
import { defaultAlias } from '../../models/index.js';
import { type TranscriptFormat, transcriptFormats } from '../../transcript/index.js';
import {
  channels,
  choice,
  integer,
  language,
  postProcessing,
  prompt,
  text,
} from '../request-fields.js';

/** What the routes of jobs take and answer. */

export const jobParams = z.object({ id: z.string().describe('as the upload was answered') });

/** Fields of `POST /v1/jobs` beside the files. An empty one counts as left out. */
export const jobForm = z.strictObject(
  {
    model: z
      .string()
      .default(defaultAlias)
      .describe('a name that `GET /v1/models` lists; `whisper-1` is the default when it begins'),
    language,
    task: choice('task', ['transcribe', 'translate']).default('transcribe'),
    prompt,
    hotwords: text('hotwords', 4_000)
      .default('')
      .describe('words to expect, separated by commas')
      .transform(toList),
    channels,
    chinese_script: choice('chinese_script', ['simplified', 'traditional', 'as_heard']).optional(),
    post_processing: postProcessing,
    priority: integer('priority', -100, 100).default(0).describe('higher ones go first'),
    reference: text('reference', 200).optional().describe('your own name for it'),
    webhook_url: text('webhook_url', 2_048).optional().describe('told when the job ends'),
  },
  { error: unknownField },
);

/** The body of `PATCH /v1/jobs/{id}`. */
export const jobChange = z.strictObject(
  {
    priority: z
      .int('priority has to be a whole number from -100 to 100.')
      .min(-100, 'priority has to be a whole number from -100 to 100.')
      .max(100, 'priority has to be a whole number from -100 to 100.')
      .describe('higher ones go first'),
  },
  { error: unknownField },
);

const oneState = `(${jobStates.join('|')})`;
const stateList = new RegExp(`^(${oneState}(,${oneState})*)?$`);

export const jobListQuery = z.object({
  state: z
    .string()
    .regex(stateList, `state has to be one of ${jobStates.join(', ')}, or several with commas.`)
    .transform((list) => jobStates.filter((state) => list.split(',').includes(state)))
    .transform((states) => (states.length === 0 ? undefined : states))
    .optional()
    .describe('one or several, separated by commas'),
  reference: z.string().optional(),
  after: z.string().optional().describe('the `next` of the page before'),
  limit: integer('limit', 1, 200).default(50),
});

export const jobResultQuery = z.object({
  format: choice('format', transcriptFormats as [TranscriptFormat, ...TranscriptFormat[]]).default(
    'json',
  ),
  words: choice('words', ['true', 'false'])
    .default('false')
    .describe('the times of every word, in `json`')
    .transform((words) => words === 'true'),
});

/** Answers `POST /v1/jobs`. */
export const createdJobsSchema = z.object({
  object: z.literal('list'),
  data: z.array(jobSchema).describe('one for each file, in their order'),
});

/** Answers `GET /v1/jobs`. */
export const jobListSchema = z.object({
  object: z.literal('list'),
  data: z.array(jobSchema).describe('the newest first'),
  has_more: z.boolean(),
  next: z.string().nullable().describe('`after` of the next page'),
});

/** The data of each server-sent event, by its name. */
export const jobEventSchemas = {
  job: jobSchema,
  deleted: z.object({ id: z.string() }),
  queue: z.object({ order: z.array(z.string()).describe('ids, the next one first') }),
} as const;

/** Media types of results. */
export const resultTypes: Readonly<Record<TranscriptFormat, string>> = {
  txt: 'text/plain',
  srt: 'application/x-subrip',
  vtt: 'text/vtt',
  tsv: 'text/tab-separated-values',
  json: 'application/json',
};

function toList(text: string): string[] {
  return text
    .split(',')
    .map((word) => word.trim())
    .filter(Boolean);
}

function unknownField(issue: { readonly code?: string; readonly keys?: unknown }) {
  return issue.code === 'unrecognized_keys' ? `There is no field "${issue.keys}".` : undefined;
}
