import { z } from 'zod';
import { roomStateSchema } from '../room-state.js';

/** A sign of life, to everybody, the sender included. */
export const beatSchema = z.object({
  from: z.string(),
  /** Counts the connections that the sender has had. */
  connection: z.number(),
  /** It is the last one. */
  leaves: z.boolean(),
});

/** What does anybody know of a room? Every gateway answers. */
export const askSchema = z.object({
  from: z.string(),
  ask: z.string(),
  room: z.string(),
  /** Of each session, the number of the newest final whose words need not be told. */
  known: z.record(z.string(), z.number()),
});

/** An answer, or a part of it; without a state where the room is unknown. */
export const answerSchema = z.object({
  from: z.string(),
  ask: z.string(),
  last: z.boolean(),
  state: roomStateSchema.nullable(),
});

export type Beat = z.infer<typeof beatSchema>;
export type Answer = z.infer<typeof answerSchema>;
