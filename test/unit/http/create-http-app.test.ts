import { EventEmitter, once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import type { FastifyInstance } from 'fastify';
import { afterEach, describe, expect, onTestFinished, test } from 'vitest';
import { loadConfig } from '../../../src/config/index.js';
import { openAccess } from '../../../src/gateway/open-access.js';
import { createHttpApp, type ServedModel } from '../../../src/http/index.js';
import type { JobService } from '../../../src/jobs/index.js';
import { Rooms } from '../../../src/rooms/index.js';
import { createLogger } from '../../../src/telemetry/index.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const apps: FastifyInstance[] = [];
afterEach(async () => void (await Promise.all(apps.splice(0).map((app) => app.close()))));

const whisper: ServedModel = {
  id: 'whisper-1',
  since: 0,
  purpose: 'transcription',
  loaded: true,
  default: true,
  languages: null,
};

/** Routes without anything behind them but models, and what a test gives of jobs; nothing else is asked here. */
function open(apiKey?: string, service?: Partial<JobService>): FastifyInstance {
  const nothing = (): never => {
    throw new Error('not asked for here');
  };
  const config = loadConfig({ dataDir: temporaryFolder(), ...(apiKey && { apiKey }) }, {});
  const access = openAccess(config, createLogger('silent'));
  onTestFinished(() => access.close());
  const app = createHttpApp(
    {
      access,
      health: nothing,
      metrics: nothing,
      streamAddress: () => ({ port: null, secure: false }),
      stats: nothing,
      setSlots: nothing,
      setDraining: nothing,
      speech: { speak: nothing, voices: nothing },
      rooms: new Rooms(loadConfig({}, {}), nothing),
      postProcessing: { choose: nothing, settle: nothing, processor: nothing },
      transcriptions: { admit: nothing },
      jobs: {
        accepting: true,
        get service() {
          return (service as JobService | undefined) ?? nothing();
        },
      },
      switchModel: nothing,
      loadModel: nothing,
      unloadModel: nothing,
      models: async () => [whisper],
      transcriptionModels: async () => [],
      webApp: new Map(),
      error: () => {},
      onFailed: () => {},
      onAnswered: () => {},
    },
    config,
  );
  apps.push(app);
  return app;
}

const refusal = (code: string, type = 'invalid_request_error') => ({
  error: { code, type, param: null, message: expect.stringMatching(/\S/) },
});

describe('what no route answers', () => {
  test.each([
    ['DELETE', '/health', 'GET, HEAD'],
    ['POST', '/v1/models/whisper-1?x=1', 'GET, HEAD'],
    ['GET', '/v1/audio/transcriptions', 'POST'],
    ['PATCH', '/v1/admin/slots/', 'PUT'],
    ['OPTIONS', '/openapi.json', 'GET, HEAD'],
  ] as const)('%s %s is 405 and says what is allowed', async (method, url, allowed) => {
    const answer = await open().inject({
      method,
      url,
      headers: { 'content-type': 'text/csv' },
      payload: method === 'GET' ? '' : 'a,b',
    });
    expect([answer.statusCode, answer.json()]).toEqual([405, refusal('method_not_allowed')]);
    expect(String(answer.headers.allow).split(', ').sort().join(', ')).toBe(allowed);
  });

  test.each(['/', '/v1', '/v1/modelsx', '/openapi_json', '/v1/models/a/b'])(
    '%s is 404',
    async (url) => {
      for (const method of ['GET', 'POST'] as const) {
        const answer = await open().inject({ method, url });
        expect([answer.statusCode, answer.json()]).toEqual([404, refusal('not_found')]);
        expect(answer.headers.allow).toBeUndefined();
      }
    },
  );

  test('an address that cannot be decoded is 400', async () => {
    const answer = await open().inject('/v1/models/%zz');
    expect([answer.statusCode, answer.json()]).toEqual([400, refusal('bad_request')]);
  });

  test('addresses that are no URL are refused like all others, with a key and without', async () => {
    for (const key of [undefined, 'open sesame']) {
      const app = open(key);
      await app.listen({ port: 0, host: '127.0.0.1' });
      const { port } = app.server.address() as AddressInfo;
      for (const address of ['//', '//x', '/\\', 'http://', '*']) {
        const socket = connect(port, '127.0.0.1');
        socket.end(`GET ${address} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`);
        const [status] = (await text(socket)).split('\r\n');
        expect(status, address).toMatch(/^HTTP\/1.1 4\d\d /);
      }
    }
  });
});

describe('what is no body', () => {
  const put = (payload: string, type = 'application/json') =>
    open().inject({
      method: 'PUT',
      url: '/v1/admin/slots',
      headers: { 'content-type': type },
      payload,
    });

  test.each(['text/plain', 'text/csv', 'application/xml'])('%s is 415', async (type) => {
    const answer = await put('{"slots": 1}', type);
    expect([answer.statusCode, answer.json()]).toEqual([415, refusal('not_json')]);
  });

  test('more than a mebibyte of JSON is 413', async () => {
    const answer = await put(`{"slots": "${'1'.repeat(2 ** 20)}"}`);
    expect([answer.statusCode, answer.json()]).toEqual([413, refusal('body_too_large')]);
  });
});

test('a body has the time of the longest upload to come, and not for ever', () => {
  const { uploadTimeoutMs } = loadConfig({}, {});
  expect(open().server.requestTimeout).toBe(uploadTimeoutMs + 10_000);
});

test('whoever has left while their job was looked up is told nothing of it any more', async () => {
  const lookUp = new EventEmitter();
  const job = { id: `job_${'0'.repeat(24)}`, state: 'queued', owner: null };
  const listeners = new Set<unknown>();
  const app = open(undefined, {
    find: async () => {
      lookUp.emit('begun');
      return (await once(lookUp, 'found'))[0];
    },
    view: () => ({}) as ReturnType<JobService['view']>,
    listen: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
  const ask = () => {
    const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
    socket.write(`GET /v1/jobs/${job.id}/events HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n`);
    return socket;
  };
  const begun = once(lookUp, 'begun');
  const accepted = once(app.server, 'connection') as Promise<[Socket]>;
  const leaving = ask();
  const [[served]] = await Promise.all([accepted, begun]);
  leaving.destroy();
  await once(served, 'close');
  lookUp.emit('found', job);

  const beginAgain = once(lookUp, 'begun');
  const staying = ask();
  await beginAgain;
  lookUp.emit('found', job);
  await once(staying, 'data');
  expect(listeners.size).toBe(1);
  staying.destroy();
  await expect.poll(() => listeners.size).toBe(0);
});

test('a GET can be a HEAD, and a slash at the end makes no difference', async () => {
  const head = await open().inject({ method: 'HEAD', url: '/v1/models' });
  expect([head.statusCode, head.body]).toEqual([200, '']);
  // It would never end.
  const endless = await open().inject({ method: 'HEAD', url: '/v1/rooms/hall/captions' });
  expect([endless.statusCode, endless.headers.allow]).toEqual([405, 'GET']);
  const model = await open().inject('/v1/models/whisper-1/');
  expect(model.json()).toMatchObject({ id: 'whisper-1' });
});

test('a name of a model that is as long as a path allows is answered as one', async () => {
  const answer = await open().inject(`/v1/models/${'a'.repeat(1_000)}`);
  expect([answer.statusCode, answer.json().error.code]).toEqual([404, 'model_not_found']);
});

describe('the OpenAPI document', () => {
  test('asks for a key where there is one, and needs it itself', async () => {
    const securityIn = ({ paths }: { paths: Record<string, { get: { security: object[] } }> }) =>
      paths['/openapi.json']?.get.security;
    expect(securityIn((await open().inject('/openapi.json')).json())).toContainEqual({});
    const locked = open('open sesame');
    for (const url of ['/openapi.json', '/docs']) {
      expect((await locked.inject(url)).statusCode).toBe(401);
    }
    const answer = await locked.inject('/openapi.json?token=open%20sesame');
    expect(securityIn(answer.json())).toEqual([{ bearer: [] }, { token: [] }]);
  });

  test('names every route of the app', async () => {
    const app = open();
    const { paths } = (await app.inject('/openapi.json')).json();
    // Fastify draws its routes as a tree, whose branches may part within a name.
    const drawn = app.printRoutes({ commonPrefix: false });
    const known = [...drawn.matchAll(/\S+ \([A-Z, ]+\)/g)];
    expect(known.length).toBe(Object.keys(paths).length);
  });

  test('a route that does not say what it does cannot be added', () => {
    expect(() => open().get('/v1/secret', async () => 'told to nobody')).toThrow('/v1/secret');
  });
});

describe('the page', () => {
  test('runs nothing, loads nothing, and names every route', async () => {
    const app = open();
    const { paths } = (await app.inject('/openapi.json')).json();
    const page = await app.inject('/docs/');
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(page.headers['content-security-policy']).toMatch(
      /^default-src 'none'; style-src 'sha256-/,
    );
    expect(page.body).not.toMatch(/<script|<link|<img|style="|https?:/);
    for (const path of Object.keys(paths)) expect(page.body).toContain(`<code>${path}</code>`);
  });
});
