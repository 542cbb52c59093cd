import type { AudioWindow, Hypothesis } from '../engine/index.js';
import { GatewayError } from '../errors/index.js';

/** How often, where to, and under which name spans are sent. */
export interface TracingOptions {
  /** Of an OpenTelemetry collector; spans go to `/v1/traces` below it. */
  readonly endpoint: string;
  /** 0 … 1: the share of sessions and files that are traced, each with all of its windows. */
  readonly share: number;
  readonly serviceName: string;
  readonly version: string;
}

/** A session or a file while it lasts. */
export interface TracedWork {
  /** @param outcome `done`, or the code or reason it ended with. */
  end(outcome: string): void;
}

/** Spans of sessions, files and their windows; never with what is said in them. */
export interface Tracing {
  /** A session or a file begins. @param id What its windows call it, as `sessionId`. */
  begin(kind: 'session' | 'file', id: string): TracedWork;
  /** A window, as a part of the session or file it belongs to. */
  window<T extends Hypothesis>(
    window: AudioWindow,
    run: (onStarted: () => void) => Promise<T>,
  ): Promise<T>;
  /** Sends what was not sent yet. Idempotent. Never rejects. */
  close(): Promise<void>;
}

/** How long one delivery is tried for; a collector that is not there must not hold up a shutdown. */
const exportTimeoutMs = 2_000;

/**
 * Sends spans to a collector by OTLP over HTTP. The packages that do so are loaded here and nowhere else, so
 * that they cost nothing where nobody asks for them.
 */
export async function openTracing(options: TracingOptions): Promise<Tracing> {
  const [{ ROOT_CONTEXT, SpanStatusCode, trace }, sdk, { resourceFromAttributes }, otlp] =
    await Promise.all([
      import('@opentelemetry/api'),
      import('@opentelemetry/sdk-trace'),
      import('@opentelemetry/resources'),
      import('@opentelemetry/exporter-trace-otlp-http'),
    ]);
  const timeoutMillis = exportTimeoutMs;
  const url = `${options.endpoint.replace(/\/$/, '')}/v1/traces`;
  const provider = new sdk.TracerProvider({
    resource: resourceFromAttributes({
      'service.name': options.serviceName,
      'service.version': options.version,
    }),
    sampler: new sdk.ParentBasedSampler({ root: new sdk.TraceIdRatioBasedSampler(options.share) }),
    spanProcessors: [
      new sdk.BatchSpanProcessor({ exporter: new otlp.OTLPTraceExporter({ url, timeoutMillis }) }),
    ],
  });
  const tracer = provider.getTracer('whisper-gateway', options.version);
  const parents = new Map<string, ReturnType<typeof tracer.startSpan>>();
  let closed: Promise<void> | undefined;

  return {
    begin(kind, id) {
      const span = tracer.startSpan(kind, { attributes: { [`whisper.${kind}.id`]: id } });
      parents.set(id, span);
      return {
        end(outcome) {
          if (parents.get(id) === span) parents.delete(id);
          span.setAttribute('whisper.outcome', outcome).end();
        },
      };
    },
    async window({ sessionId, lane, pcm, options: { language } }, run) {
      const parent = parents.get(sessionId);
      const context = parent ? trace.setSpan(ROOT_CONTEXT, parent) : ROOT_CONTEXT;
      const attributes = {
        'whisper.lane': lane,
        'whisper.audio_ms': Math.round(pcm.length / 16),
        'whisper.language': language,
      };
      const span = tracer.startSpan('window', { attributes }, context);
      try {
        const hypothesis = await run(() => span.addEvent('slot given'));
        span.setAttributes({
          'whisper.outcome': 'done',
          'whisper.inference_ms': hypothesis.inferenceMs,
        });
        return hypothesis;
      } catch (error) {
        const { code } = GatewayError.from(error);
        span
          .setAttribute('whisper.outcome', code)
          .setStatus({ code: SpanStatusCode.ERROR, message: code });
        throw error;
      } finally {
        span.end();
      }
    },
    close() {
      closed ??= provider.shutdown().catch(() => {});
      return closed;
    },
  };
}
