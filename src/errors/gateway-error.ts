import { catalog, type ErrorCode } from './catalog.js';

interface GatewayErrorOptions {
  /** What to tell people where the catalogue's sentence is not exact enough. */
  message?: string;
  /** What led to it: an error, or the last words of a process. Logged, never sent. */
  cause?: unknown;
  /** After how many milliseconds another try makes sense. */
  retryAfterMs?: number;
  /** The field of a request that is to blame. */
  param?: string;
}

/** An expected failure, known by its `code`. Everything else that is thrown is a defect. */
export class GatewayError extends Error {
  readonly code: ErrorCode;
  readonly retryAfterMs: number | undefined;
  readonly param: string | undefined;

  constructor(code: ErrorCode, options: GatewayErrorOptions = {}) {
    super(options.message ?? catalog[code].message, { cause: options.cause });
    this.name = 'GatewayError';
    this.code = code;
    this.retryAfterMs = options.retryAfterMs;
    this.param = options.param;
  }

  get status(): number {
    return catalog[this.code].status;
  }

  get closeCode(): number {
    return catalog[this.code].close;
  }

  get retryable(): boolean {
    return catalog[this.code].retryable;
  }

  /** The same error where it already is one; anything else becomes `internal_error`. */
  static from(error: unknown): GatewayError {
    return error instanceof GatewayError
      ? error
      : new GatewayError('internal_error', { cause: error });
  }
}
