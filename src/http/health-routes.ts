import type { FastifyInstance } from 'fastify';
import { GatewayError } from '../errors/index.js';

/** What `/health` and `/ready` tell; read anew at every request. */
export interface Health {
  readonly status: 'ok' | 'degraded' | 'draining';
  readonly version: string;
  readonly model: string;
  readonly device: string;
  readonly backend: string;
  readonly ready: boolean;
  readonly slots: number;
  /** What is not as it should be, in plain words; empty while all is well. */
  readonly notes: readonly string[];
  readonly sessions: number;
  readonly max_connections: number;
}

export interface HealthSource {
  readonly health: () => Health;
  /** Metrics in Prometheus' text format. */
  readonly metrics: () => Promise<string>;
}

/** `/health` (the process is alive), `/ready` (send it work) and `/metrics`. */
export function healthRoutes(app: FastifyInstance, source: HealthSource): void {
  app.get('/health', async () => source.health());
  app.get('/ready', async (_request, reply) => {
    const { ready, status, notes } = source.health();
    if (ready) return { ready, status };
    const { code, message } = new GatewayError(
      status === 'draining' ? 'server_draining' : 'engine_unavailable',
    );
    return reply.status(503).send({ ready, status, code, reason: [message, ...notes].join(' ') });
  });
  app.get('/metrics', async (_request, reply) =>
    reply.type('text/plain; version=0.0.4; charset=utf-8').send(await source.metrics()),
  );
}
