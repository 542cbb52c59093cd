import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type RequestContext, withinRequest } from '../telemetry/index.js';

/** A request that was answered; never its address, which may carry a key. */
export interface AnsweredRequest {
  readonly requestId: string;
  readonly method: string;
  /** As it was declared, such as `/v1/jobs/:id`; `none` where no route matched. */
  readonly route: string;
  readonly status: number;
  readonly tookMs: number;
}

/** Tells every client its request's id, has log lines carry it, and reports each answer. */
export function followRequests(
  app: FastifyInstance,
  onAnswered: (answered: AnsweredRequest) => void,
): void {
  const contexts = new WeakMap<FastifyRequest, RequestContext>();
  app.addHook('onRequest', (request, reply, done) => {
    // On the raw answer, since streams of events write theirs past Fastify.
    reply.raw.setHeader('x-request-id', request.id);
    const context = { requestId: request.id, over: false };
    contexts.set(request, context);
    withinRequest(context, done);
  });
  // A body is read by events of the socket, which belongs to no request.
  app.addHook('preValidation', (request, _reply, done) => {
    const context = contexts.get(request);
    if (context) withinRequest(context, done);
    else done();
  });
  app.addHook('onResponse', async (request, reply) => {
    const context = contexts.get(request);
    if (context) context.over = true;
    onAnswered({
      requestId: request.id,
      method: request.method,
      route: request.routeOptions.url ?? 'none',
      status: reply.raw.statusCode,
      tookMs: Math.round(reply.elapsedTime),
    });
  });
}
