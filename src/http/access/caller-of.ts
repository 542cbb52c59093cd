import type { FastifyRequest } from 'fastify';
import type { Caller } from '../../access/index.js';
import { GatewayError } from '../../errors/index.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks; null on routes that ask nobody for a key. */
    caller: Caller | null;
  }
}

/** Who asks, on a route that has a scope. */
export function callerOf({ caller }: Pick<FastifyRequest, 'caller'>): Caller {
  if (!caller) throw new GatewayError('internal_error', { cause: 'nobody was asked who calls' });
  return caller;
}
