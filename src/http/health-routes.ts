import type { FastifyInstance } from 'fastify';

/** What `/health` and `/ready` tell; read anew at every request. */
export interface Health {
  readonly status: 'ok' | 'degraded' | 'draining';
  readonly version: string;
  readonly model: string;
  readonly device: string;
  readonly backend: string;
  readonly ready: boolean;
  readonly slots: number;
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
    const { ready, status } = source.health();
    return reply.status(ready ? 200 : 503).send({ ready, status });
  });
  app.get('/metrics', async (_request, reply) =>
    reply.type('text/plain; version=0.0.4; charset=utf-8').send(await source.metrics()),
  );
}
