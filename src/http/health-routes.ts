import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Requirement } from '../access/index.js';
import { GatewayError } from '../errors/index.js';
import { json, operation } from './openapi/index.js';
import { type StreamAddress, streamUrl } from './stream-url.js';

/** What `/health` and `/ready` tell; read anew at every request. */
export interface Health {
  readonly status: 'ok' | 'degraded' | 'draining';
  readonly version: string;
  readonly model: string;
  readonly device: string;
  readonly backend: string;
  readonly ready: boolean;
  readonly slots: number;
  /** Inference hosts that take work; null where this machine computes. */
  readonly hosts: number | null;
  /** What is not as it should be, in plain words; empty while all is well. */
  readonly notes: readonly string[];
  readonly sessions: number;
  readonly max_connections: number;
}

export interface HealthSource {
  readonly health: () => Health;
  /** Metrics in Prometheus' text format. */
  readonly metrics: () => Promise<string>;
  readonly streamAddress: () => StreamAddress;
}

export interface HealthOptions {
  /** Who may read metrics where there are keys. */
  readonly metricsAccess: 'admin' | 'key' | 'open';
}

const metricsScopes = { admin: 'admin', key: 'any', open: 'none' } as const;

const status = z.enum(['ok', 'degraded', 'draining']);

const healthSchema: z.ZodType<Health & { readonly stream_url: string | null }> = z.object({
  status,
  version: z.string(),
  model: z.string().describe('the model that is loaded'),
  device: z.string().describe('`cpu`, or `gpu0` and so on'),
  backend: z.string(),
  ready: z.boolean().describe('whether it takes work'),
  slots: z.int().min(0).describe('how many windows may run at the same time'),
  hosts: z
    .int()
    .min(0)
    .nullable()
    .describe('inference hosts that take work; null where this machine computes'),
  notes: z.array(z.string()).describe('what is not as it should be, in plain words'),
  sessions: z.int().min(0).describe('live ones'),
  max_connections: z.int().min(0),
  stream_url: z
    .string()
    .nullable()
    .describe('where sockets are opened, as `ws://host:port`; null where it is this address'),
});

const healthOperation = operation({
  scope: 'none',
  tag: 'Operations',
  summary: 'What the gateway runs on, and how it is',
  answers: { 200: { description: 'The process lives.', content: json(healthSchema) } },
});

const readyOperation = operation({
  scope: 'none',
  tag: 'Operations',
  summary: 'Whether to send it work',
  answers: {
    200: {
      description: 'It takes work.',
      content: json(z.object({ ready: z.literal(true), status })),
    },
    503: {
      description: 'It does not: its engine is down, or it shuts down.',
      content: json(
        z.object({
          ready: z.literal(false),
          status,
          code: z.enum(['server_draining', 'engine_unavailable']),
          reason: z.string().describe('in plain words'),
        }),
      ),
    },
  },
});

const metricsOperation = (scope: Requirement) =>
  operation({
    scope,
    tag: 'Operations',
    summary: 'Metrics for Prometheus',
    description: 'Who may read them is METRICS_ACCESS.',
    answers: {
      200: {
        description: "Prometheus' text format; docs/metrics.md says what each metric means.",
        content: { 'text/plain': z.string() },
      },
    },
  });

/** `/health` (the process is alive), `/ready` (send it work) and `/metrics`. */
export function healthRoutes(
  app: FastifyInstance,
  source: HealthSource,
  { metricsAccess }: HealthOptions,
): void {
  app.get('/health', healthOperation, async ({ headers }) => ({
    ...source.health(),
    stream_url: streamUrl(headers.host, source.streamAddress()),
  }));
  app.get('/ready', readyOperation, async (_request, reply) => {
    const { ready, status, notes } = source.health();
    if (ready) return { ready, status };
    const { code, message } = new GatewayError(
      status === 'draining' ? 'server_draining' : 'engine_unavailable',
    );
    return reply.status(503).send({ ready, status, code, reason: [message, ...notes].join(' ') });
  });
  app.get('/metrics', metricsOperation(metricsScopes[metricsAccess]), async (_request, reply) =>
    reply.type('text/plain; version=0.0.4; charset=utf-8').send(await source.metrics()),
  );
}
