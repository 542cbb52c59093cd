import { z } from 'zod';
import { GatewayError } from '../../errors/index.js';
import { postProcessingSchema } from '../../protocol/index.js';
import { parseRequest } from '../parse-request.js';

/** Formats of an answer, named as OpenAI names them. */
const answerFormats = ['json', 'text', 'srt', 'verbose_json', 'vtt'] as const;
export type AnswerFormat = (typeof answerFormats)[number];

const oneOf = (name: string, values: readonly string[]) =>
  `${name} has to be one of ${values.join(', ')}.`;

const translationFields = {
  model: z
    .string({ error: 'model is missing. GET /v1/models lists the names; whisper-1 is one.' })
    .min(1, 'model is empty.')
    .describe('a name that `GET /v1/models` lists, such as `whisper-1`'),
  prompt: z.string().max(4_000, 'prompt is longer than 4000 characters.').default(''),
  response_format: z
    .enum(answerFormats, { error: oneOf('response_format', answerFormats) })
    .default('json'),
  temperature: number('temperature', 0, 1)
    .optional()
    .describe('taken and not needed: where the model is unsure it is raised step by step'),
  stream: boolean('stream').describe('server-sent events, while the file is being transcribed'),
  channels: z
    .enum(['mixed', 'split'], { error: oneOf('channels', ['mixed', 'split']) })
    .default('mixed')
    .describe('ours: all channels as one, or each by itself'),
  post_processing: z
    .preprocess(fromJson, postProcessingSchema)
    .optional()
    .describe('ours: what becomes of heard words, as JSON'),
};

/** Fields of `POST /v1/audio/translations` beside the file. Further ones are ignored. */
export const translationForm = z.object(translationFields);

/** Fields of `POST /v1/audio/transcriptions` beside the file. Further ones are ignored. */
export const transcriptionForm = z.object({
  ...translationFields,
  language: z
    .string()
    // In either case, which a JSON schema cannot say by a flag; and empty, as it may be left.
    .regex(
      /^([Aa][Uu][Tt][Oo]|[A-Za-z]{2,3})?$/,
      'language has to be an ISO 639-1 code such as "en".',
    )
    .toLowerCase()
    .default('auto'),
  timestamp_granularities: z
    .array(
      z.enum(['word', 'segment'], {
        error: oneOf('timestamp_granularities[]', ['word', 'segment']),
      }),
    )
    .default([]),
  include: z.array(z.enum(['logprobs'], { error: oneOf('include[]', ['logprobs']) })).default([]),
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
  const form = parseRequest(transcriptionForm, toObject(fields));
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
  const form = parseRequest(translationForm, toObject(fields));
  return { ...form, language: 'auto', timestamp_granularities: [], include: [] };
}

/** Lists come as `name[]`, once for each value, and objects as `name[key]`. */
const fieldName = /^([^[\]]*)(?:\[([^[\]]*)\])?$/;
const listNames = new Set(['timestamp_granularities', 'include']);

/** The fields of a form as JSON would have them. */
function toObject(fields: ReadonlyMap<string, readonly string[]>): Record<string, unknown> {
  const object = new Map<string, unknown>();
  for (const [full, values] of fields) {
    const [, name = full, key] = fieldName.exec(full) ?? [];
    if (listNames.has(name)) {
      object.set(name, [...((object.get(name) as string[] | undefined) ?? []), ...values]);
    } else if (key) {
      object.set(name, { ...(object.get(name) as object | undefined), [key]: values.at(-1) });
    } else if (values.length === 1) {
      // An empty value is how some clients say that they leave a field out.
      if (values[0] !== '') object.set(name, values[0]);
    } else {
      const message = `${name} was sent ${values.length} times.`;
      throw new GatewayError('bad_field', { message, param: name });
    }
  }
  return Object.fromEntries(object);
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

function fromJson(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

function number(name: string, min: number, max: number) {
  const error = `${name} has to be a number from ${min} to ${max}.`;
  return z.coerce.number({ error }).min(min, error).max(max, error);
}

function boolean(name: string) {
  return z
    .enum(['true', 'false', 'True', 'False', '1', '0'], {
      error: `${name} has to be true or false.`,
    })
    .default('false')
    .transform((value) => value === 'true' || value === 'True' || value === '1');
}
