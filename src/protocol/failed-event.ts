import type { GatewayError } from '../errors/index.js';

/** The event that names an error. Fatal: the session is over; else a request was refused. */
export function failedEvent(error: GatewayError, fatal: boolean) {
  return {
    type: 'transcription_failed',
    code: error.code,
    message: error.message,
    retryable: error.retryable,
    ...(error.retryAfterMs !== undefined && { retry_after_ms: error.retryAfterMs }),
    fatal,
  } as const;
}
