import { z } from 'zod';
import { postProcessingSchema } from './post-processing.js';
import { roomNameSchema } from './room-name.js';

/** How the audio that follows is encoded. */
export const audioFormatSchema = z.object({
  format: z
    .string()
    .min(1)
    .max(32)
    .default('auto')
    .describe('`auto`, `pcm_s16le`, `pcm_f32le`, `mulaw`, `alaw`, or the name of a container'),
  sample_rate: z.int().min(4_000).max(192_000).optional().describe('hertz, raw formats only'),
  channels: z.int().min(1).max(8).optional().describe('raw formats only'),
});

const language = z
  .string()
  .regex(/^(auto|[a-z]{2,3})$/)
  .describe('ISO 639-1 code or `auto`');
const prompt = z.string().max(4_000).describe('text or terms that help the model');
const hotwords = z.array(z.string().min(1).max(100)).max(200).describe('terms to expect');
const endpointMs = z
  .int()
  .min(100)
  .max(10_000)
  .describe('milliseconds of silence that end an utterance');

const resume = z.object({
  session_id: z.string().max(100).default(''),
  resume_token: z.string().max(100).default('').describe('of `transcription_started`'),
  last_seq: z.int().min(0).default(0).describe('number of the last event that was received'),
  start_ms: z
    .int()
    .min(0)
    .max(2_147_483_647)
    .optional()
    .describe("only with a new recording: where it begins on the session's clock"),
});

/** What a client may send as text. One entry a `type`; fields not listed are ignored. */
export const clientMessageSchema = z.discriminatedUnion('type', [
  z
    .object({
      type: z.literal('start_transcription'),
      audio: audioFormatSchema.default({ format: 'auto' }),
      language: language.default('auto'),
      model: z.string().min(1).max(200).optional().describe('a model of `/v1/models`'),
      task: z.enum(['transcribe', 'translate']).default('transcribe'),
      prompt: prompt.default(''),
      hotwords: hotwords.default([]),
      interim_results: z.boolean().default(true).describe('false leaves `partial` out'),
      word_timestamps: z.boolean().default(true).describe('false leaves `words` out'),
      stable_finals: z
        .boolean()
        .default(true)
        .describe('false lets a `final` revise committed words'),
      endpoint_ms: endpointMs.optional(),
      chinese_script: z
        .enum(['simplified', 'traditional', 'as_heard'])
        .optional()
        .describe("how Chinese text is written; the gateway's setting by default"),
      post_processing: postProcessingSchema
        .optional()
        .describe('what becomes of heard words; see post-processing.md'),
      room: roomNameSchema
        .optional()
        .describe('sessions watched together: letters, digits, spaces and `. _ ~ -`, up to 100'),
      speaker: z
        .string()
        .regex(/^[^\p{C}\p{Zl}\p{Zp}]{1,200}$/u, 'a label of up to 200 characters in one line')
        .optional()
        .describe('a label for this voice, up to 200 characters'),
      resumable: z
        .boolean()
        .default(false)
        .describe('true keeps the session for a while when the socket is dropped'),
      resume: resume
        .optional()
        .describe('goes on with a session whose socket was dropped; no other field counts then'),
    })
    .describe('Begins a session.'),
  z
    .object({
      type: z.literal('configure'),
      language: language.optional(),
      prompt: prompt.optional(),
      hotwords: hotwords.optional(),
      endpoint_ms: endpointMs.optional(),
      interim_results: z.boolean().optional(),
      post_processing: postProcessingSchema.optional().describe('from the next utterance on'),
    })
    .describe('Changes a running session, from the next window on.'),
  z
    .object({ type: z.literal('finalize') })
    .describe('Finishes the utterance heard so far; the session goes on.'),
  z
    .object({
      type: z.literal('ping'),
      id: z.union([z.string().max(200), z.number()]).optional(),
    })
    .describe('Answered by `pong` with the same `id`.'),
  z
    .object({ type: z.literal('stop_transcription') })
    .describe('No more audio: what was heard is transcribed, then the session ends.'),
]);

export type ClientMessage = z.infer<typeof clientMessageSchema>;
export type ClientMessageType = ClientMessage['type'];
export type StartTranscription = Extract<ClientMessage, { type: 'start_transcription' }>;
export type Resume = z.infer<typeof resume>;
export type Configure = Extract<ClientMessage, { type: 'configure' }>;

/** Every `type` a client may send. */
export const clientMessageTypes: ReadonlySet<string> = new Set(
  clientMessageSchema.options.map((option) => option.shape.type.value),
);
