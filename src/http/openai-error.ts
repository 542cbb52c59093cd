import { z } from 'zod';
import { catalog, type ErrorCode, GatewayError } from '../errors/index.js';

/** OpenAI's error shape, which its clients turn into their own exceptions. */
export const openAiErrorSchema = z.object({
  error: z.object({
    message: z.string().describe('for people'),
    type: z.enum(['invalid_request_error', 'rate_limit_error', 'server_error']),
    param: z.string().nullable().describe('the field of the request that is to blame'),
    code: z.enum(Object.keys(catalog) as ErrorCode[]).describe('for programs'),
  }),
});

export type OpenAiError = z.output<typeof openAiErrorSchema>;

/** How an error is answered: its status, headers beside the usual ones, and its body. */
export interface OpenAiAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: OpenAiError;
}

/** Whatever was thrown, as OpenAI would answer it. What is no `GatewayError` is answered bare. */
export function openAiError(thrown: unknown): OpenAiAnswer {
  const { status, message, code, param, retryAfterMs } = GatewayError.from(thrown);
  return {
    status,
    // RFC 9110, 10.2.3: in whole seconds.
    headers:
      retryAfterMs === undefined ? {} : { 'retry-after': String(Math.ceil(retryAfterMs / 1000)) },
    body: { error: { message, type: typeOf(status), param: param ?? null, code } },
  };
}

function typeOf(status: number): OpenAiError['error']['type'] {
  if (status >= 500) return 'server_error';
  return status === 429 ? 'rate_limit_error' : 'invalid_request_error';
}
