import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import type { Access } from '../access/index.js';
import {
  audioFormats,
  encodings,
  type SpeechRequest,
  type SpokenFile,
  type Voice,
} from '../speech/index.js';
import { callerOf } from './access/index.js';
import { openAiError } from './openai-error.js';
import { json, jsonBodyErrors, operation } from './openapi/index.js';
import { parseRequest } from './parse-request.js';
import { serverSentEvent } from './server-sent-event.js';
import { textTokens } from './text-tokens.js';

/** What speaks. */
export interface SpeechSource {
  speak(request: SpeechRequest, signal: AbortSignal): Promise<SpokenFile>;
  voices(): Promise<readonly Voice[]>;
}

export interface SpeechLimits {
  /** Longest input, in characters as OpenAI counts them: UTF-16 units. */
  readonly maxSpeechChars: number;
  /** Milliseconds in which a client may take nothing before its speech is given up. */
  readonly speechStallMs: number;
}

/** Audio tokens in a second, as OpenAI counts what its speech models say. */
const tokensPerSecond = 20;

const voiceSchema: z.ZodType<Voice> = z.object({
  object: z.literal('voice'),
  id: z.string().describe('what a request names it'),
  name: z.string().describe('for people'),
  model: z.string().describe('the model that has it'),
  language: z
    .string()
    .nullable()
    .describe('BCP 47; null where the voice speaks the language that it takes the text for'),
});

const voicesOperation = operation({
  scope: 'any',
  tag: 'Audio',
  summary: 'The voices that speak',
  answers: {
    200: {
      description: 'All of them.',
      content: json(z.object({ object: z.literal('list'), data: z.array(voiceSchema) })),
    },
  },
  errors: [
    'speech_failed',
    'speech_unavailable',
    'model_too_large',
    'memory_budget_exceeded',
    'server_draining',
  ],
});

const speechOperation = (body: z.ZodType) =>
  operation({
    scope: 'speech',
    tag: 'Audio',
    summary: 'Speaks a text',
    description: 'Bytes are sent while the rest is still being spoken.',
    body: json(body),
    answers: {
      200: {
        description: 'The file, or events with pieces of it where `stream_format` is `sse`.',
        content: {
          ...Object.fromEntries(
            Object.values(encodings).map(({ contentType }) => [contentType, z.file()]),
          ),
          'text/event-stream': z.string(),
        },
      },
    },
    errors: [
      ...jsonBodyErrors,
      'model_not_found',
      'speech_busy',
      'model_corrupt',
      'model_load_failed',
      'model_too_large',
      'memory_budget_exceeded',
      'model_unsupported',
      'speech_failed',
      'speech_unavailable',
      'engine_died',
      'engine_timeout',
      'server_draining',
    ],
  });

/** `POST /v1/audio/speech` as OpenAI has it, and `GET /v1/voices`. */
export function speechRoutes(
  app: FastifyInstance,
  source: SpeechSource,
  limits: SpeechLimits,
  access: Pick<Access, 'spoke'>,
) {
  const schema = bodySchema(limits.maxSpeechChars);

  app.get('/v1/voices', voicesOperation, async () => ({
    object: 'list',
    data: (await source.voices()).map((voice) => ({ object: 'voice', ...voice })),
  }));

  app.post('/v1/audio/speech', speechOperation(schema), async (request, reply) => {
    const body = parseRequest(schema, request.body);
    access.spoke(callerOf(request), body.input.length);
    const left = new AbortController();
    reply.raw.on('close', () => left.abort());
    // Nothing sent and nothing taken for so long: one side is stuck, and the slot is needed.
    reply.raw.setTimeout(limits.speechStallMs, () => reply.raw.destroy());
    const file = await source.speak(toRequest(body), left.signal);
    return body.stream_format === 'sse'
      ? sendEvents(reply, file, body.input)
      : reply.type(encodings[body.response_format].contentType).send(Readable.from(file.bytes));
  });
}

function bodySchema(maxChars: number) {
  const voice = z.string().min(1, 'voice is empty.');
  return z.object(
    {
      model: z.string({ error: 'model is missing.' }).min(1, 'model is empty.'),
      input: z
        .string({ error: 'input is missing: it is the text to speak.' })
        .refine((text) => text.trim() !== '', 'input is empty.')
        .max(maxChars, `input is longer than ${maxChars} characters.`),
      // OpenAI names voices of one's own by an object.
      voice: z.union([voice, z.object({ id: voice }).transform(({ id }) => id)], {
        error: 'voice is missing. GET /v1/voices lists them.',
      }),
      response_format: z
        .enum(audioFormats, {
          error: `response_format has to be one of ${audioFormats.join(', ')}.`,
        })
        .nullish()
        .transform((format) => format ?? 'mp3'),
      speed: z
        .number({ error: 'speed has to be a number.' })
        .min(0.25, 'speed has to be at least 0.25.')
        .max(4, 'speed has to be at most 4.')
        .nullish()
        .transform((speed) => speed ?? 1),
      stream_format: z
        .enum(['audio', 'sse'], { error: 'stream_format has to be audio or sse.' })
        .nullish(),
      // No voice here follows instructions; clients that send them are served all the same.
      instructions: z.string({ error: 'instructions has to be text.' }).nullish(),
      // Ours: clients of OpenAI cannot say it.
      language: z.string({ error: 'language has to be a tag such as "de".' }).min(2).nullish(),
    },
    { error: 'The body has to be a JSON object.' },
  );
}

type Body = z.output<ReturnType<typeof bodySchema>>;

function toRequest(body: Body): SpeechRequest {
  return {
    input: body.input,
    model: body.model,
    voice: body.voice,
    format: body.response_format,
    speed: body.speed,
    language: body.language ?? null,
  };
}

/** As server-sent events: pieces of the file in base64, and at the end what it took. */
function sendEvents(reply: FastifyReply, file: SpokenFile, input: string): FastifyReply {
  return reply
    .type('text/event-stream; charset=utf-8')
    .header('cache-control', 'no-cache')
    .send(Readable.from(events(file, input)));
}

async function* events(file: SpokenFile, input: string): AsyncGenerator<string> {
  try {
    for await (const bytes of file.bytes) {
      yield serverSentEvent({ type: 'speech.audio.delta', audio: bytes.toString('base64') });
    }
    const input_tokens = textTokens(input);
    const output_tokens = Math.ceil(file.seconds() * tokensPerSecond);
    const usage = { input_tokens, output_tokens, total_tokens: input_tokens + output_tokens };
    yield serverSentEvent({ type: 'speech.audio.done', usage });
  } catch (error) {
    // The status is sent already; OpenAI's clients raise what comes as `error`.
    yield serverSentEvent(openAiError(error).body);
  }
}
