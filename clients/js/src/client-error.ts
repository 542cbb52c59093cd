import type { EventOf } from './protocol.js';

/** Failures that the client finds by itself; every other code is one of the gateway's. */
export type ClientErrorCode =
  | 'connection_failed'
  | 'connection_lost'
  | 'captions_not_read'
  | 'closed'
  | 'insecure_context'
  | 'not_supported'
  | 'permission_denied'
  | 'no_microphone'
  | 'microphone_busy'
  | 'microphone_lost';

export interface ClientErrorOptions {
  readonly retryable?: boolean;
  /** After how many milliseconds another try makes sense. */
  readonly retryAfterMs?: number | undefined;
  /** HTTP status, where there was an answer. */
  readonly status?: number;
  readonly cause?: unknown;
}

/** An expected failure, known by its `code`: one of `ClientErrorCode`, or of the gateway's docs/errors.md. */
export class ClientError extends Error {
  readonly code: string;
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;
  readonly status: number | undefined;

  constructor(
    code: ClientErrorCode | (string & {}),
    message: string,
    options: ClientErrorOptions = {},
  ) {
    super(message, { cause: options.cause });
    this.name = 'ClientError';
    this.code = code;
    this.retryable = options.retryable ?? false;
    this.retryAfterMs = options.retryAfterMs;
    this.status = options.status;
  }
}

/** What the gateway has told as a `transcription_failed`. */
export function failureOf({
  code,
  message,
  retryable,
  retry_after_ms,
}: EventOf<'transcription_failed'>): ClientError {
  return new ClientError(code, message, { retryable, retryAfterMs: retry_after_ms });
}

/** What made a connection impossible, such as a token that could not be got. */
export function asClientError(error: unknown): ClientError {
  if (error instanceof ClientError) return error;
  return new ClientError('connection_failed', String(error), { retryable: true, cause: error });
}
