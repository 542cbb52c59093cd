import { z } from 'zod';
import { GatewayError } from '../../errors/index.js';
import { parseRequest } from '../parse-request.js';
import {
  boolean,
  channels,
  choice,
  fromJson,
  language,
  number,
  postProcessing,
  prompt,
} from '../request-fields.js';
import { formObject } from '../uploads/form-object.js';

/** Formats of an answer, named as OpenAI names them. */
const answerFormats = ['json', 'text', 'srt', 'verbose_json', 'vtt'] as const;
export type AnswerFormat = (typeof answerFormats)[number];

/** Fields that may have several values. */
const lists = ['timestamp_granularities', 'include'];

const translationFields = {
  model: z
    .string({ error: 'model is missing. GET /v1/models lists the names; whisper-1 is one.' })
    .min(1, 'model is empty.')
    .describe('a name that `GET /v1/models` lists, such as `whisper-1`'),
  prompt,
  response_format: choice('response_format', answerFormats).default('json'),
  temperature: number('temperature', 0, 1)
    .optional()
    .describe('taken and not needed: where the model is unsure it is raised step by step'),
  stream: boolean('stream').describe('server-sent events, while the file is being transcribed'),
  channels: channels.describe(`ours: ${channels.description}`),
  post_processing: postProcessing.describe(`ours: ${postProcessing.description}`),
};

/** Fields of `POST /v1/audio/translations` beside the file. Further ones are ignored. */
export const translationForm = z.object(translationFields);

/** Fields of `POST /v1/audio/transcriptions` beside the file. Further ones are ignored. */
export const transcriptionForm = z.object({
  ...translationFields,
  language,
  timestamp_granularities: z
    .array(choice('timestamp_granularities[]', ['word', 'segment']))
    .default([]),
  include: z.array(choice('include[]', ['logprobs'])).default([]),
  chunking_strategy: z
    .union([z.literal('auto'), z.preprocess(fromJson, voiceActivity())], {
      error: 'chunking_strategy has to be "auto" or {"type": "server_vad", …}.',
    })
    .optional(),
});

/** What a form asks for. */
export type TranscriptionForm = z.output<typeof transcriptionForm>;

/** @throws GatewayError `bad_field`, with the field as its `param`. */
export function parseTranscriptionForm(
  fields: ReadonlyMap<string, readonly string[]>,
): TranscriptionForm {
  const form = parseRequest(transcriptionForm, formObject(fields, lists));
  const { response_format: format, timestamp_granularities: granularities, include, stream } = form;
  if (granularities.length > 0 && format !== 'verbose_json' && !stream) {
    const message = 'timestamp_granularities[] needs response_format verbose_json.';
    throw new GatewayError('bad_field', { message, param: 'timestamp_granularities' });
  }
  if (include.length > 0 && format !== 'json' && !stream) {
    const message = 'include[] logprobs needs response_format json.';
    throw new GatewayError('bad_field', { message, param: 'include' });
  }
  return form;
}

/** @throws GatewayError `bad_field`, with the field as its `param`. */
export function parseTranslationForm(
  fields: ReadonlyMap<string, readonly string[]>,
): TranscriptionForm {
  const form = parseRequest(translationForm, formObject(fields, lists));
  return { ...form, language: 'auto', timestamp_granularities: [], include: [] };
}

function voiceActivity() {
  return z.object({
    type: z.literal('server_vad'),
    threshold: number('chunking_strategy.threshold', 0, 1).optional(),
    // Windows are packed to what the model takes best, whatever the pauses: these change nothing.
    prefix_padding_ms: number('chunking_strategy.prefix_padding_ms', 0, 60_000).optional(),
    silence_duration_ms: number('chunking_strategy.silence_duration_ms', 0, 60_000).optional(),
  });
}
