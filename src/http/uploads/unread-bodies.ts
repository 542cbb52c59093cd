import type { FastifyInstance, FastifyRequest } from 'fastify';

/** How long a refused upload is still read, so that its sender comes to read the answer. */
const lingerMs = 2_000;

/** Leaves the bodies of a scope's requests alone: its routes read them piece by piece, or not at all. */
export function leaveBodiesUnread(scope: FastifyInstance): void {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser('*', (_request, _body, parsed) => parsed(null));
  scope.addHook('onResponse', async (request) => endUnread(request));
}

/**
 * Once a refusal is sent, what its sender still sends is thrown away for a moment; closing at once would
 * destroy the answer on its way.
 */
function endUnread({ raw }: FastifyRequest): void {
  if (raw.complete || raw.destroyed) return;
  raw.resume();
  const timer = setTimeout(() => raw.socket.destroy(), lingerMs);
  raw.once('end', () => clearTimeout(timer));
  raw.once('close', () => clearTimeout(timer));
}
