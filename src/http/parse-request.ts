import type { z } from 'zod';
import { GatewayError } from '../errors/index.js';

/**
 * What a request's body or form asks for.
 * @throws GatewayError `bad_field` with the first thing that is wrong, and its field as `param`.
 */
export function parseRequest<T extends z.ZodType>(schema: T, given: unknown): z.output<T> {
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const param = issue?.path[0];
  throw new GatewayError('bad_field', {
    message: issue?.message ?? 'The request cannot be used.',
    ...(param !== undefined && { param: String(param) }),
  });
}
