import { z } from 'zod';
import { jobStates } from '../../jobs/index.js';
import { type TranscriptFormat, transcriptFormats } from '../../transcript/index.js';

/** What the routes of jobs take and answer. */

export const jobParams = z.object({ id: z.string().describe('as the upload was answered') });

/** Fields of `POST /v1/jobs` beside the files. An empty one counts as left out. */
export const jobForm = z.strictObject(
  {
    language: z
      .string()
      // In either case, which a JSON schema cannot say by a flag; and empty, as it may be left.
      .regex(
        /^([Aa][Uu][Tt][Oo]|[A-Za-z]{2,3})?$/,
        'language has to be auto, or an ISO 639-1 code such as en.',
      )
      .toLowerCase()
      .default('auto'),
    task: choice('task', ['transcribe', 'translate']).default('transcribe'),
    prompt: text('prompt', 4_000).default('').describe('text that comes before'),
    hotwords: text('hotwords', 4_000)
      .default('')
      .describe('words to expect, separated by commas')
      .transform(toList),
    channels: choice('channels', ['mixed', 'split'])
      .default('mixed')
      .describe('all channels as one, or each by itself'),
    chinese_script: choice('chinese_script', ['simplified', 'traditional', 'as_heard']).optional(),
    priority: integer('priority', -100, 100).default(0).describe('higher ones go first'),
    reference: text('reference', 200).optional().describe('your own name for it'),
    webhook_url: text('webhook_url', 2_048).optional().describe('told when the job ends'),
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

const time = z.iso.datetime();
const seconds = z.number().min(0);

export const jobSchema = z.object({
  id: z.string(),
  object: z.literal('job'),
  state: z.enum(jobStates),
  name: z.string().describe('of the file, as its sender calls it'),
  bytes: z.int().min(0),
  priority: z.int(),
  reference: z.string().nullable(),
  webhook_url: z.string().nullable(),
  options: z.object({
    language: z.string(),
    task: z.string(),
    prompt: z.string(),
    hotwords: z.array(z.string()).readonly(),
    channels: z.string(),
    chinese_script: z.string(),
  }),
  created_at: time,
  started_at: time.nullable(),
  ended_at: time.nullable(),
  starts: z.int().min(0).describe('after interruptions and retries included'),
  queue_position: z.int().min(1).nullable().describe('1 for the next one; null unless queued'),
  progress: z.object({
    done_seconds: seconds,
    total_seconds: seconds.nullable().describe('null until it is known'),
    seconds_left: seconds.nullable().describe('at the pace so far'),
  }),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
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

function choice<const T extends readonly [string, ...string[]]>(name: string, values: T) {
  return z.enum(values, { error: `${name} has to be one of ${values.join(', ')}.` });
}

function text(name: string, maxLength: number) {
  return z.string().max(maxLength, `${name} is longer than ${maxLength} characters.`);
}

function integer(name: string, min: number, max: number) {
  const error = `${name} has to be a whole number from ${min} to ${max}.`;
  return z.coerce.number({ error }).int(error).min(min, error).max(max, error);
}

function toList(text: string): string[] {
  return text
    .split(',')
    .map((word) => word.trim())
    .filter(Boolean);
}

function unknownField(issue: { readonly code?: string; readonly keys?: unknown }) {
  return issue.code === 'unrecognized_keys' ? `There is no field "${issue.keys}".` : undefined;
}
