import { z } from 'zod';
import { postProcessingSchema } from '../protocol/index.js';
import { jobStates } from './job.js';

const time = z.iso.datetime();
const seconds = z.number().min(0);

/** A job as clients see it. Times as in RFC 3339, lengths in seconds of audio. */
export const jobSchema = z.object({
  id: z.string(),
  object: z.literal('job'),
  state: z.enum(jobStates),
  name: z.string().describe('of the file, as its sender calls it'),
  bytes: z.int().min(0),
  model: z.string().nullable().describe('that transcribes it; null until it has begun'),
  priority: z.int(),
  reference: z.string().nullable(),
  webhook_url: z.string().nullable(),
  options: z
    .object({
      model: z.string(),
      language: z.string(),
      task: z.string(),
      prompt: z.string(),
      hotwords: z.array(z.string()).readonly(),
      channels: z.string(),
      chinese_script: z.string(),
      post_processing: postProcessingSchema.nullable().describe('null where nothing was asked for'),
    })
    .describe('what was asked for'),
  created_at: time,
  started_at: time.nullable(),
  ended_at: time.nullable(),
  starts: z.int().min(0).describe('after interruptions and retries included'),
  queue_position: z.int().min(1).nullable().describe('1 for the next one; null unless queued'),
  progress: z.object({
    done_seconds: seconds,
    total_seconds: seconds
      .nullable()
      .describe('null until it is known; of all channels where these are split'),
    seconds_left: seconds.nullable().describe('at the pace so far'),
  }),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
});

export type JobView = z.output<typeof jobSchema>;
