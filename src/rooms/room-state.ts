import { z } from 'zod';

/** One utterance of a room as subtitles. */
const saidSchema = z.object({
  session_id: z.string(),
  utterance_id: z.string(),
  /** Number of its final within the session. */
  seq: z.number(),
  voice: z.string().nullable(),
  /** Their times are epoch milliseconds. */
  cues: z.array(z.object({ lines: z.array(z.string()), start_at: z.number(), end_at: z.number() })),
});

const spokenSchema = z.object({
  utterance_id: z.string(),
  start_ms: z.number(),
  end_ms: z.number(),
});

const sessionSchema = z.object({
  session_id: z.string(),
  speaker: z.string().nullable(),
  started_at: z.number(),
  /** False where it speaks at the gateway that says so. */
  ended: z.boolean(),
  /** Number of its newest event. */
  seq: z.number(),
  finals: z.array(spokenSchema.extend({ text: z.string(), language: z.string() })),
  partial: spokenSchema.extend({ committed: z.string(), tentative: z.string() }).nullable(),
});

/** What one gateway knows of a room, or a part of that, as it tells another one. */
export const roomStateSchema = z.object({
  /** Epoch milliseconds of the room's first sample. */
  begin: z.number().nullable(),
  /** Oldest first. */
  said: z.array(saidSchema),
  sessions: z.array(sessionSchema),
});

export type Said = z.infer<typeof saidSchema>;
export type SessionState = z.infer<typeof sessionSchema>;
export type RoomState = z.infer<typeof roomStateSchema>;

/** Of each session, the number of the newest final whose words are known. */
export type Known = Readonly<Record<string, number>>;
