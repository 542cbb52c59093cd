import type { FastifyReply } from 'fastify';

/**
 * Lets go of a client that takes nothing of an answer for so long. Only for answers that are there to be taken: one
 * that is still being made is silent as well.
 */
export function endStalled({ raw }: FastifyReply, stallMs: number): void {
  raw.setTimeout(stallMs, () => raw.destroy());
}
