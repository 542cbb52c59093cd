import { JetStreamApiError } from '@nats-io/jetstream';
import { InvalidArgumentError } from '@nats-io/transport-node';
import { GatewayError } from '../../errors/index.js';

/** The server's codes for having no room: of the account, of its own storage, of a stream. */
const full = [10_002, 10_023, 10_047, 10_077];

/**
 * What a failure of NATS is to those who asked for something of jobs: `disk_full`, `jobs_unavailable`, or
 * `internal_error` where trying again would not help.
 */
export function natsFailure(error: unknown): GatewayError {
  if (error instanceof GatewayError) return error;
  if (error instanceof JetStreamApiError && full.includes(error.code)) {
    return new GatewayError('disk_full', { message: 'NATS has no room for it.', cause: error });
  }
  // Larger than a message may be.
  if (error instanceof InvalidArgumentError)
    return new GatewayError('internal_error', { cause: error });
  return new GatewayError('jobs_unavailable', {
    message: 'NATS, which keeps the jobs, does not answer.',
    cause: error,
  });
}

/** The same work, with what NATS says turned into errors of ours. */
export async function onNats<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw natsFailure(error);
  }
}
