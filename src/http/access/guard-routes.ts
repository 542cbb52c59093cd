import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Access } from '../../access/index.js';
import { GatewayError } from '../../errors/index.js';
import type { RouteTable } from '../openapi/route-table.js';
import { allowOrigin } from './allow-origin.js';

/** What only reads. */
const readingMethods = new Set(['GET', 'HEAD', 'OPTIONS']);
/** Says itself what it did. */
const keysPath = '/v1/admin/keys';

/** Asks for a key before each route that says so in its `operation()`; nowhere else is that decided. */
export function guardRoutes(app: FastifyInstance, access: Access, table: RouteTable): void {
  app.decorateRequest('caller', null);

  app.addHook('onRequest', async (request, reply) => {
    const { config } = request.routeOptions;
    if (config.public) return;
    if (allowOrigin(request, reply, access)) return reply.status(204).send();
    const { scope = 'any', endless = false } = config.operation ?? {};
    if (scope === 'none' && !request.is404) return;
    const caller = access.admit(request.raw, scope === 'none' ? 'any' : scope);
    request.caller = caller;
    if (request.is404) throw nothingThere(request, reply, table);
    if (endless) reply.raw.once('close', access.connect(caller));
    const { socket } = request.raw;
    reply.raw.once(
      'close',
      access.attend(caller, () => socket.destroy()),
    );
  });

  // What is done to the gateway is written down.
  app.addHook('onResponse', async (request, reply) => {
    const { caller, method, params, body, routeOptions } = request;
    const { url = '', config } = routeOptions;
    if (config.operation?.scope !== 'admin' || readingMethods.has(method)) return;
    if (!caller || url.startsWith(keysPath)) return;
    const { statusCode: status } = reply;
    // What was refused may hold anything, and as much of it.
    const asked = status < 400 ? (body as object | undefined) : {};
    const detail = { ...(params as object), ...asked, status };
    access.audit({ actor: caller.id, action: `${method} ${url}`, detail });
  });
}

function nothingThere(
  request: FastifyRequest,
  reply: FastifyReply,
  table: RouteTable,
): GatewayError {
  const allowed = table.methodsOf(request.url);
  if (allowed.length === 0) return new GatewayError('not_found');
  reply.header('allow', allowed.join(', '));
  return new GatewayError('method_not_allowed');
}
