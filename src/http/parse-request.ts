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
  const unknown = issue?.code === 'unrecognized_keys' ? issue.keys[0] : undefined;
  const param = issue?.path[0] ?? unknown;
  // What has no sentence of its own, deep inside of a field, is said with its place.
  const place = issue?.path.join('.') ?? 'The request';
  const why = issue?.message ?? 'it is not understood';
  throw new GatewayError('bad_field', {
    message: why.endsWith('.') ? why : `${place} cannot be used: ${why}.`,
    ...(param !== undefined && { param: String(param) }),
  });
}
