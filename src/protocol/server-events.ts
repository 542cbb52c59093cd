import { z } from 'zod';

const ms = z.int().min(0);

/** One word with times on the session's clock. */
const wordSchema = z.object({
  word: z.string(),
  start_ms: ms,
  end_ms: ms,
  probability: z.number().min(0).max(1),
});

/** Where every received second went: transcribed + silence + shed = received. */
export const ledgerSchema = z.object({
  received_ms: ms,
  transcribed_ms: ms,
  silence_ms: ms,
  shed_ms: ms,
  shed: z.array(z.object({ start_ms: ms, end_ms: ms, code: z.string() })),
});

/** `session_id` and `seq` (1, 2, 3 … without gaps) stand on every event of a session. */
const ofSession = { session_id: z.string(), seq: z.int().min(1) };
/** `transcription_failed` and `warning` may come before a session exists. */
const maybeOfSession = { session_id: z.string().optional(), seq: z.int().min(1).optional() };

/** What the server sends, one entry a `type`. */
export const serverEventSchema = z.discriminatedUnion('type', [
  z
    .object({ type: z.literal('transcription_starting'), ...ofSession })
    .describe('The start was accepted; the session is being set up.'),
  z
    .object({ type: z.literal('model_loading_started'), ...ofSession, model: z.string() })
    .describe('A model has to be loaded first.'),
  z
    .object({
      type: z.literal('transcription_started'),
      ...ofSession,
      model: z.string(),
      device: z.string(),
      language: z.string(),
      started_at: z.int().describe('epoch milliseconds of the first sample, as far as known'),
      resume_token: z
        .string()
        .optional()
        .describe('a secret to come back with, where the session is `resumable`'),
    })
    .describe('Audio may flow.'),
  z
    .object({ type: z.literal('speech_started'), ...ofSession, at_ms: ms })
    .describe('Someone began to speak.'),
  z
    .object({ type: z.literal('speech_ended'), ...ofSession, at_ms: ms })
    .describe('The speaker fell silent.'),
  z
    .object({
      type: z.literal('partial'),
      ...ofSession,
      utterance_id: z.string(),
      start_ms: ms,
      end_ms: ms,
      committed: z.string().describe('only ever grows'),
      tentative: z.string().describe('may change'),
      rung: z
        .string()
        .describe('how the window was decoded, from the cheapest: `lean`, `cut`, `tail`, `full`'),
    })
    .describe('The utterance so far.'),
  z
    .object({
      type: z.literal('final'),
      ...ofSession,
      utterance_id: z.string(),
      start_ms: ms,
      end_ms: ms,
      text: z.string(),
      language: z.string(),
      confidence: z.number().min(0).max(1),
      words: z.array(wordSchema).optional(),
      rung: z.string(),
      revised: z
        .array(z.object({ index: z.int().min(0), from: z.string(), to: z.string() }))
        .optional()
        .describe('only with `stable_finals: false`: committed words that changed'),
    })
    .describe('The utterance, once and for all.'),
  z
    .object({
      type: z.literal('progress'),
      ...ofSession,
      received_ms: ms,
      processed_ms: ms,
      safe_ms: ms,
      lag_ms: ms,
      received_bytes: ms
        .optional()
        .describe('only after a resume: bytes of the recording that need not be sent again'),
    })
    .describe('How far the session is. Audio before `safe_ms` is in finals already.'),
  z
    .object({
      type: z.literal('warning'),
      ...maybeOfSession,
      code: z.string(),
      message: z.string(),
    })
    .describe('Something to know; nothing ends.'),
  z
    .object({
      type: z.literal('transcription_stopped'),
      ...ofSession,
      reason: z.string(),
      ledger: ledgerSchema,
    })
    .describe('The end.'),
  z
    .object({
      type: z.literal('transcription_failed'),
      ...maybeOfSession,
      code: z.string(),
      message: z.string(),
      retryable: z.boolean(),
      retry_after_ms: ms.optional(),
      fatal: z.boolean(),
      ledger: ledgerSchema.optional(),
    })
    .describe('Fatal: the session is over and a close follows. Else: this request was refused.'),
  z
    .object({
      type: z.literal('pong'),
      id: z.union([z.string(), z.number()]).optional(),
    })
    .describe('The answer to `ping`.'),
]);

export type ServerEvent = z.infer<typeof serverEventSchema>;
export type ServerEventType = ServerEvent['type'];
export type Ledger = z.infer<typeof ledgerSchema>;
export type FinalWord = z.infer<typeof wordSchema>;

type WithoutSession<T> = T extends unknown ? Omit<T, 'session_id' | 'seq'> : never;
/** An event before the session has numbered it. */
export type SessionEvent = WithoutSession<Exclude<ServerEvent, { type: 'pong' }>>;
