import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Access } from '../../access/index.js';

/** For how many seconds browsers need not ask again. */
const maxAgeSeconds = 600;

/**
 * Tells browsers that pages of a listed origin may read the answer (CORS, fetch.spec.whatwg.org).
 * @returns Whether it was only asked whether a request may follow, so that nothing else is to be done.
 */
export function allowOrigin(
  request: FastifyRequest,
  { raw }: FastifyReply,
  access: Pick<Access, 'judgeOrigin'>,
): boolean {
  const { origin, 'access-control-request-method': asked } = request.headers;
  if (origin === undefined || access.judgeOrigin(request.raw) !== 'allowed') return false;
  // Not by way of Fastify's reply: streams of events write their own head.
  raw.setHeader('access-control-allow-origin', origin);
  raw.setHeader('vary', 'origin');
  raw.setHeader('access-control-expose-headers', 'retry-after, content-disposition');
  if (request.method !== 'OPTIONS' || asked === undefined) return false;
  raw.setHeader('access-control-allow-methods', 'GET, HEAD, POST, PUT, PATCH, DELETE');
  raw.setHeader('access-control-allow-headers', 'authorization, content-type, range');
  raw.setHeader('access-control-max-age', String(maxAgeSeconds));
  return true;
}
