import { JetStreamApiError } from '@nats-io/jetstream';

/** The server's codes for a message that was to follow another one; of several servers, some leave out which. */
const wrongLastSequence = [10_071, 10_164];

/** Whether somebody else has written first. */
export function isConflict(error: unknown): boolean {
  return error instanceof JetStreamApiError && wrongLastSequence.includes(error.code);
}
