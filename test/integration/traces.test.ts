import { execFileSync } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { packageRoot } from '../../src/config/index.js';
import { type Script, ScriptedEngine, spokenThrough } from '../../src/engine/index.js';
import { GatewayError } from '../../src/errors/index.js';
import { jfkAs } from '../support/jfk.js';
import { startGateway } from '../support/start-gateway.js';
import { StreamClient } from '../support/stream-client.js';
import { jfkUpload, postForm } from '../support/upload.js';

interface Attribute {
  readonly key: string;
  readonly value: { readonly stringValue?: string; readonly intValue?: number };
}

interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly Attribute[];
  readonly events?: readonly { readonly name: string }[];
  readonly status?: { readonly code?: number };
}

interface Export {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeSpans: readonly { readonly spans: readonly Span[] }[];
  }[];
}

/** Takes spans as a collector does, OTLP over HTTP in JSON. */
async function startCollector() {
  const exports: Export[] = [];
  const server = createServer(async (request, response) => {
    const wanted = request.url === '/v1/traces' && request.method === 'POST';
    if (wanted) exports.push((await json(request)) as Export);
    response.writeHead(wanted ? 200 : 404, { 'content-type': 'application/json' }).end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const spans = () =>
    exports.flatMap(({ resourceSpans }) =>
      resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans)),
    );
  const { port } = server.address() as AddressInfo;
  return { endpoint: `http://127.0.0.1:${port}`, exports, spans };
}

/** Its last spans are sent when it is closed. */
function start(script: Script, config: Parameters<typeof startGateway>[0]) {
  return startGateway(config, { engine: new ScriptedEngine({ script, slots: 2 }) });
}

const hello: Script = (window) => spokenThrough(window, 'hello world');

function attributesOf({ attributes }: Span): Record<string, unknown> {
  return Object.fromEntries(
    attributes.map(({ key, value }) => [key, value.stringValue ?? Number(value.intValue)]),
  );
}

async function stream(url: string) {
  const client = await StreamClient.connect(url);
  const { session_id } = await client.start({ audio: { format: 'pcm_s16le' }, language: 'en' });
  await client.sendAudio(await jfkAs());
  await client.stop();
  return session_id;
}

test('a session is a span, and every window of it is one below that', async () => {
  const collector = await startCollector();
  const gateway = await start(hello, { tracesEndpoint: `${collector.endpoint}/` });
  const session_id = await stream(gateway.url);
  await gateway.close();
  const spans = collector.spans();
  const [session, ...others] = spans.filter(({ name }) => name === 'session');
  expect(others).toEqual([]);
  expect(session?.parentSpanId).toBeFalsy();
  expect(attributesOf(session as Span)).toEqual({
    'whisper.session.id': session_id,
    'whisper.outcome': 'client_stopped',
  });
  const windows = spans.filter(({ name }) => name === 'window');
  expect(windows.length).toBeGreaterThan(2);
  for (const window of windows) {
    expect([window.traceId, window.parentSpanId]).toEqual([session?.traceId, session?.spanId]);
    expect(BigInt(window.endTimeUnixNano)).toBeGreaterThanOrEqual(BigInt(window.startTimeUnixNano));
    expect(BigInt(window.startTimeUnixNano)).toBeGreaterThanOrEqual(
      BigInt(session?.startTimeUnixNano as string),
    );
  }
  // Others are guesses at the final window that speech went on after.
  const final = windows.find((span) => {
    const { 'whisper.lane': lane, 'whisper.outcome': outcome } = attributesOf(span);
    return lane === 'final' && outcome === 'done';
  }) as Span;
  expect(attributesOf(final)).toMatchObject({
    'whisper.language': 'en',
    'whisper.audio_ms': expect.any(Number),
  });
  expect(final.events?.map(({ name }) => name)).toEqual(['slot given']);
  const [resource] = collector.exports[0]?.resourceSpans ?? [];
  expect(resource?.resource.attributes).toContainEqual({
    key: 'service.name',
    value: { stringValue: 'whisper-gateway' },
  });
  expect(JSON.stringify(collector.exports)).not.toContain('hello');
});

test('so it is with a file, and a window that failed says why', async () => {
  const collector = await startCollector();
  const gateway = await start(() => new GatewayError('inference_failed'), {
    tracesEndpoint: collector.endpoint,
    retryDelayMs: 10,
  });
  const answer = await postForm(gateway, [jfkUpload, ['model', 'whisper-1']]);
  expect(answer.status).toBe(500);
  await gateway.close();
  const spans = collector.spans();
  const file = spans.find(({ name }) => name === 'file') as Span;
  expect(attributesOf(file)).toMatchObject({ 'whisper.outcome': 'inference_failed' });
  const window = spans.find(({ name }) => name === 'window') as Span;
  expect(window.parentSpanId).toBe(file.spanId);
  expect(attributesOf(window)).toMatchObject({
    'whisper.lane': 'batch',
    'whisper.outcome': 'inference_failed',
  });
  expect(window.status?.code).toBe(2);
});

test('with a share of 0 nothing is sent', async () => {
  const collector = await startCollector();
  const gateway = await start(hello, { tracesEndpoint: collector.endpoint, tracesShare: 0 });
  await stream(gateway.url);
  await gateway.close();
  expect(collector.spans()).toEqual([]);
});

test('a collector that is not there costs nobody anything', async () => {
  const gateway = await start(hello, { tracesEndpoint: 'http://127.0.0.1:1' });
  await stream(gateway.url);
  await gateway.close();
});

test('nothing of it is loaded where nobody asks for traces', () => {
  const program = `
    import { createRequire } from 'node:module';
    await import(${JSON.stringify(join(packageRoot, 'dist/gateway/index.js'))});
    const loaded = Object.keys(createRequire(import.meta.url).cache);
    const has = (name) => loaded.some((file) => file.includes(name));
    console.log(has('/fastify/'), has('/@opentelemetry/sdk-trace/'), has('/@opentelemetry/otlp-'));
  `;
  const args = ['--input-type=module', '--eval', program];
  expect(execFileSync(process.execPath, args, { encoding: 'utf8' }).trim()).toBe(
    'true false false',
  );
});
