import { z } from 'zod';
import type { ErrorCode } from '../../errors/index.js';
import { type Content, operation } from '../openapi/index.js';
import { transcriptionForm, translationForm } from './transcription-form.js';

const seconds = z.number().min(0);
const channel = z.int().min(1).optional().describe('only where channels were split');
const usage = z
  .object({ type: z.literal('duration'), seconds: z.int().min(0) })
  .describe('begun seconds of audio');

const plainSchema = z.object({
  text: z.string(),
  logprobs: z
    .array(z.object({ token: z.string(), logprob: z.number().max(0), bytes: z.array(z.int()) }))
    .optional()
    .describe('every word with its probability, where `include[]` asks for it'),
  usage,
});

const verboseSchema = z.object({
  task: z.enum(['transcribe', 'translate']),
  language: z.string().describe('its English name, in lower case'),
  duration: seconds,
  text: z.string(),
  words: z.array(z.object({ word: z.string(), start: seconds, end: seconds, channel })).optional(),
  segments: z
    .array(
      z.object({
        id: z.int().min(0),
        seek: z.int().min(0).describe('its start in hundredths of a second'),
        start: seconds,
        end: seconds,
        text: z.string(),
        tokens: z.array(z.int()).describe('always empty: the engine gives words'),
        temperature: z.number(),
        avg_logprob: z.number(),
        compression_ratio: z.number(),
        no_speech_prob: z.number(),
        channel,
      }),
    )
    .optional(),
  usage,
});

const answers = {
  200: {
    description:
      'The transcript in the `response_format` that was asked for, or events where `stream` is true.',
    content: {
      'application/json': z.union([plainSchema, verboseSchema]),
      'text/plain': z.string(),
      'application/x-subrip': z.string(),
      'text/vtt': z.string(),
      'text/event-stream': z.string(),
    },
  },
} as const;

/** What becomes of a file, from its upload to its last window. */
const errors: readonly ErrorCode[] = [
  'bad_field',
  'bad_upload',
  'file_unreadable',
  'unknown_language',
  'model_not_found',
  'upload_timeout',
  'upload_too_large',
  'audio_too_long',
  'container_too_large',
  'not_multipart',
  'not_audio',
  'no_audio_track',
  'too_many_transcriptions',
  'decoder_crashed',
  'decoder_stalled',
  'voice_activity_failed',
  'inference_failed',
  'model_corrupt',
  'queue_full',
  'decoder_unavailable',
  'engine_unavailable',
  'engine_died',
  'engine_out_of_memory',
  'backend_unavailable',
  'model_load_failed',
  'model_too_large',
  'memory_budget_exceeded',
  'server_draining',
  'engine_timeout',
  'disk_full',
];

/** `POST /v1/audio/transcriptions`. */
export const transcriptionOperation = operation({
  scope: 'transcribe',
  tag: 'Audio',
  summary: 'Writes down what is spoken in a file',
  description: 'Anything with audio in it; its name does not matter. Further fields are ignored.',
  body: formContent(transcriptionForm),
  answers,
  errors,
});

/** `POST /v1/audio/translations`. */
export const translationOperation = operation({
  scope: 'transcribe',
  tag: 'Audio',
  summary: 'Writes down in English what is spoken in a file',
  description: 'Anything with audio in it; its name does not matter. Further fields are ignored.',
  body: formContent(translationForm),
  answers,
  errors,
});

/** A form with a file. Lists are written `name[]`, once for each value. */
function formContent(form: z.ZodObject): Content {
  const fields = Object.entries(form.shape).map(([name, field]) => {
    const isList = z.toJSONSchema(field, { io: 'input' }).type === 'array';
    return [isList ? `${name}[]` : name, field] as const;
  });
  const file = z.file().describe('one file');
  return { 'multipart/form-data': z.object({ file, ...Object.fromEntries(fields) }) };
}
