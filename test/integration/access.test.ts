import { once } from 'node:events';
import { chownSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import OpenAI from 'openai';
import { describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { loadConfig } from '../../src/config/index.js';
import { ScriptedEngine, spokenThrough } from '../../src/engine/index.js';
import { createGateway, type Gateway } from '../../src/gateway/index.js';
import type { Scope } from '../../src/protocol/index.js';
import { jfkAs, jfkMp3 } from '../support/jfk.js';
import { refusal } from '../support/jobs-client.js';
import { ask, makeKey, makeToken, operatorKey, send } from '../support/keys.js';
import { runCli } from '../support/run-cli.js';
import { startGateway } from '../support/start-gateway.js';
import { StreamClient } from '../support/stream-client.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const pcm = { format: 'pcm_s16le' };
const engine = () =>
  new ScriptedEngine({ slots: 2, script: (window) => spokenThrough(window, 'some words') });
const open = (config = {}) =>
  startGateway({ apiKey: operatorKey, ...config }, { engine: engine() });

/** How the server answers a socket: 'open', or how it closed. */
async function knock({ url }: Gateway, path: string, options: object = {}) {
  const socket = new WebSocket(url.replace(/^http/, 'ws') + path, options);
  onTestFinished(() => socket.terminate());
  const closed = once(socket, 'close').then(([code, reason]) => `${code} ${reason}`);
  const messages: string[] = [];
  socket.on('message', (data) => messages.push(String(data)));
  await once(socket, 'open');
  return { socket, closed, messages };
}

function jfkForm(): FormData {
  const form = new FormData();
  form.set('file', new File([jfkMp3], 'jfk.mp3'));
  form.set('model', 'whisper-1');
  return form;
}

describe('scopes', () => {
  const requests: Record<Scope, (gateway: Gateway, key: string) => Promise<Response>> = {
    stream: async () => new Response(),
    transcribe: (gateway, key) =>
      ask(gateway, '/v1/audio/transcriptions', key, { method: 'POST', body: jfkForm() }),
    jobs: (gateway, key) => ask(gateway, '/v1/jobs', key),
    speech: (gateway, key) => send(gateway, '/v1/audio/speech', key, {}),
    watch: (gateway, key) => ask(gateway, '/v1/rooms/hall/captions.vtt', key),
    admin: (gateway, key) => ask(gateway, '/v1/stats', key),
  };

  test('each opens what it is for, and nothing else', async () => {
    const gateway = await open();
    // What a request is answered that was let in, with nothing behind it.
    const letIn = { transcribe: 200, jobs: 200, speech: 400, watch: 404, admin: 200 } as const;
    for (const scope of ['transcribe', 'jobs', 'speech', 'watch', 'admin'] as const) {
      const { key } = await makeKey(gateway, [scope]);
      for (const other of ['transcribe', 'jobs', 'speech', 'watch', 'admin'] as const) {
        const answer = await requests[other](gateway, key);
        if (other === scope) expect([scope, answer.status]).toEqual([scope, letIn[other]]);
        else expect(await refusal(answer)).toBe('403 insufficient_scope');
      }
      expect((await ask(gateway, '/v1/models', key)).status).toBe(200);
    }
  });

  test('sockets ask for stream, and those of viewers for watch', async () => {
    const gateway = await open();
    const [streams, watches] = [
      await makeKey(gateway, ['stream']),
      await makeKey(gateway, ['watch']),
    ];
    const path = { stream: '/v1/stream', watch: '/v1/rooms/hall/captions' };
    const headers = ({ key }: { key: string }) => ({ headers: { authorization: `Bearer ${key}` } });
    for (const [to, key] of [
      [path.stream, watches],
      [path.watch, streams],
    ] as const) {
      const { closed, messages } = await knock(gateway, to, headers(key));
      expect(await closed).toBe('4403 insufficient_scope');
      expect(JSON.parse(messages[0] ?? '')).toMatchObject({
        code: 'insufficient_scope',
        fatal: true,
      });
    }
    const viewer = await knock(gateway, path.watch, headers(watches));
    await expect.poll(() => viewer.messages.length).toBe(1);
    await (await StreamClient.connect(gateway.url, `/v1/stream?token=${streams.key}`)).start();
  });

  test('without a key, and with a wrong one, nothing is open but what says how it is', async () => {
    const gateway = await open();
    for (const key of [null, 'wrong', 'wg_0123456789abcdef_'.padEnd(63, 'x'), 'wgt_e30.x']) {
      expect(await refusal(await ask(gateway, '/v1/models', key))).toBe('401 invalid_api_key');
      expect(await refusal(await ask(gateway, '/nothing/here', key))).toBe('401 invalid_api_key');
      expect(await refusal(await ask(gateway, '/metrics', key))).toBe('401 invalid_api_key');
      for (const path of ['/health', '/ready'])
        expect((await ask(gateway, path, key)).status).toBe(200);
    }
    const { closed } = await knock(gateway, '/v1/stream');
    expect(await closed).toBe('4401 invalid_api_key');
  });

  test('clients of OpenAI get its own error, and are served with a key of ours', async () => {
    const gateway = await open();
    const { key } = await makeKey(gateway, ['transcribe']);
    const client = (apiKey: string) =>
      new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey, maxRetries: 0 });
    const file = new File([jfkMp3], 'jfk.mp3');
    const asked = { model: 'whisper-1', file };
    await expect(client('sk-wrong').audio.transcriptions.create(asked)).rejects.toMatchObject({
      status: 401,
      code: 'invalid_api_key',
    });
    const { text } = await client(key).audio.transcriptions.create(asked);
    expect(text).toContain('some words');
  });

  test.each([
    ['admin', [401, 403, 200]],
    ['key', [401, 200, 200]],
    ['open', [200, 200, 200]],
  ] as const)('metrics are for whom the settings say: %s', async (metricsAccess, expected) => {
    const gateway = await open({ metricsAccess });
    const { key } = await makeKey(gateway, ['watch']);
    const answers = [null, key, operatorKey].map((each) => ask(gateway, '/metrics', each));
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual(expected);
  });

  test('the OpenAPI document says which scope each route asks for', async () => {
    const gateway = await open();
    const document = (await (await ask(gateway, '/openapi.json', operatorKey)).json()) as {
      paths: Record<string, Record<string, { security: object[] }>>;
    };
    const security = (path: string, method = 'get') => document.paths[path]?.[method]?.security;
    expect(security('/v1/jobs')).toEqual([{ bearer: ['jobs'] }, { token: ['jobs'] }]);
    expect(security('/v1/audio/speech', 'post')).toEqual([
      { bearer: ['speech'] },
      { token: ['speech'] },
    ]);
    expect(security('/v1/models')).toEqual([{ bearer: [] }, { token: [] }]);
    expect(security('/health')).toEqual([]);
  });
});

describe('keys', () => {
  test('are kept hashed, shown once, and listed without themselves', async () => {
    const dataDir = temporaryFolder();
    const gateway = await open({ dataDir });
    const { id, key } = await makeKey(gateway, ['jobs']);
    const list = await (await ask(gateway, '/v1/admin/keys', operatorKey)).text();
    expect(list).toContain(id);
    expect(list).not.toContain(key);
    await gateway.close();
    const file = join(dataDir, 'access.sqlite');
    expect(statSync(file).mode & 0o077).toBe(0);
    const bytes = readFileSync(file);
    expect(bytes.includes(id)).toBe(true);
    for (const secret of [key, key.slice(-43), operatorKey]) {
      expect(bytes.includes(secret)).toBe(false);
    }
  });

  test('that are revoked end what was begun with them, at once', async () => {
    const gateway = await open();
    const { id, key } = await makeKey(gateway, ['stream', 'watch', 'jobs']);
    const token = await makeToken(gateway, key, { scopes: ['stream'] });
    const streams = await Promise.all(
      [key, token].map((each) => StreamClient.connect(gateway.url, `/v1/stream?token=${each}`)),
    );
    for (const stream of streams) await stream.start({ audio: pcm });
    const viewer = await knock(gateway, `/v1/rooms/hall/captions?token=${key}`);
    const events = await ask(gateway, '/v1/jobs/events', key);
    const other = await StreamClient.connect(gateway.url, `/v1/stream?token=${operatorKey}`);
    await other.start({ audio: pcm });

    const revoked = await ask(gateway, `/v1/admin/keys/${id}`, operatorKey, { method: 'DELETE' });
    expect(await revoked.json()).toMatchObject({ id, revoked_at: expect.any(String) });
    for (const stream of streams) {
      expect(await stream.next('transcription_failed')).toMatchObject({ code: 'invalid_api_key' });
      await stream.close();
      expect(stream.closed).toEqual({ code: 4401, reason: 'invalid_api_key' });
    }
    expect(await viewer.closed).toBe('4401 invalid_api_key');
    await expect(events.text()).rejects.toThrow();
    for (const each of [key, token]) {
      expect(await refusal(await ask(gateway, '/v1/models', each))).toBe('401 invalid_api_key');
    }
    await other.sendAudio(await jfkAs());
    await other.stop();
    expect(other.closed?.code).toBe(1000);
  });

  test('are those of every gateway that has their folder', async () => {
    const accessDir = temporaryFolder();
    const [first, second] = [await open({ accessDir }), await open({ accessDir })];
    const { id, key } = await makeKey(first, ['watch']);
    const status = async () => (await ask(second, '/v1/models', key)).status;
    await expect.poll(status).toBe(200);
    await ask(first, `/v1/admin/keys/${id}`, operatorKey, { method: 'DELETE' });
    await expect.poll(status).toBe(401);
  });

  test('of the command line open a gateway that runs, and close it again', async () => {
    const dataDir = temporaryFolder();
    const env = { DATA_DIR: dataDir };
    const gateway = await startGateway({ dataDir }, { engine: engine() });
    expect((await ask(gateway, '/v1/models', null)).status).toBe(200);
    const made = await runCli(['keys', 'create', 'caption page', '--scope', 'watch,stream'], env);
    expect(made.code).toBe(0);
    const key = made.stdout.trim();
    const id = key.split('_')[1] as string;
    // The first key locks the gateway.
    await expect.poll(async () => (await ask(gateway, '/v1/models', null)).status).toBe(401);
    expect((await ask(gateway, '/v1/models', key)).status).toBe(200);
    expect(await refusal(await ask(gateway, '/v1/jobs', key))).toBe('403 insufficient_scope');
    const stream = await StreamClient.connect(gateway.url, `/v1/stream?token=${key}`);
    await stream.start();

    const listed = await runCli(['keys', 'list'], env);
    expect(listed.stdout).toMatch(new RegExp(`${id} +caption page +stream,watch`));
    expect(listed.stdout).not.toContain(key);
    expect((await runCli(['keys', 'revoke', id], env)).code).toBe(0);
    await stream.close();
    expect(stream.closed?.code).toBe(4401);
    // Nobody is let in again because the last key is gone.
    expect((await ask(gateway, '/v1/models', null)).status).toBe(401);
    expect((await runCli(['keys', 'revoke', 'nobody'], env)).stderr).toContain('not_found');
    const audit = await runCli(['keys', 'audit'], env);
    expect(audit.stdout).toMatch(/cli +key_revoked[\s\S]*cli +key_created/);
    const wrong = await runCli(['keys', 'create', 'x', '--scope', 'everything'], env);
    expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('everything')]);
  });

  test('that have expired open nothing', async () => {
    const gateway = await open();
    const soon = new Date(Date.now() + 1_500).toISOString();
    const asked = { name: 'short', scopes: ['stream'], expires_at: soon };
    const made = await send(gateway, '/v1/admin/keys', operatorKey, asked);
    const { key } = (await made.json()) as { key: string };
    const stream = await StreamClient.connect(gateway.url, `/v1/stream?token=${key}`);
    await stream.start();
    await stream.close();
    expect(stream.closed?.code).toBe(4401);
    expect((await ask(gateway, '/v1/models', key)).status).toBe(401);
  });

  test('that root makes are readable to whoever owns the folder', async () => {
    const dataDir = temporaryFolder();
    const { uid } = statSync(dataDir);
    // Only root can give it away, and to others nothing is different.
    const owner = uid === 0 ? 12_345 : uid;
    chownSync(dataDir, owner, statSync(dataDir).gid);
    const env = { DATA_DIR: dataDir };
    expect((await runCli(['keys', 'create', 'any', '-s', 'watch'], env)).code).toBe(0);
    expect(statSync(join(dataDir, 'access.sqlite')).uid).toBe(owner);
  });

  test('outlive the gateway, and what cannot be read lets nobody in', async () => {
    const dataDir = temporaryFolder();
    const first = await open({ dataDir });
    const { key } = await makeKey(first, ['watch']);
    const token = await makeToken(first, key, { scopes: ['watch'] });
    await first.close();
    const second = await startGateway({ dataDir }, { engine: engine() });
    for (const each of [key, token]) {
      expect((await ask(second, '/v1/models', each)).status).toBe(200);
    }
    expect((await ask(second, '/v1/models', operatorKey)).status).toBe(401);
    await second.close();
    writeFileSync(join(dataDir, 'access.sqlite'), 'not a database at all, whatever its name says');
    await expect(startGateway({ dataDir }, { engine: engine() })).rejects.toMatchObject({
      code: 'access_unavailable',
    });
  });
});

describe('without any key', () => {
  const start = (config: object) =>
    createGateway(
      loadConfig({ port: 0, logLevel: 'silent', dataDir: temporaryFolder(), ...config }, {}),
      {
        engine: engine(),
      },
    );

  test('a gateway that others could reach does not start, unless it is told to', async () => {
    await expect(start({ host: '0.0.0.0' })).rejects.toThrow(/keys create[\s\S]*OPEN_ACCESS/);
    const told = await start({ host: '0.0.0.0', openAccess: 'allow' });
    onTestFinished(() => told.close());
    expect((await ask(told, '/v1/models', null)).status).toBe(200);
    const process = await runCli(['start'], {
      HOST: '0.0.0.0',
      PORT: '0',
      DATA_DIR: temporaryFolder(),
    });
    expect([process.code, process.stderr]).toEqual([2, expect.stringContaining('OPEN_ACCESS')]);
  });

  test('with a key it does, whether of the settings or of the store', async () => {
    const dataDir = temporaryFolder();
    await runCli(['keys', 'create', 'any', '-s', 'watch'], { DATA_DIR: dataDir });
    for (const config of [{ dataDir }, { apiKey: operatorKey }]) {
      const gateway = await start({ host: '0.0.0.0', ...config });
      onTestFinished(() => gateway.close());
      expect((await ask(gateway, '/v1/models', null)).status).toBe(401);
    }
  });

  test.each<[config: object, message: string]>([
    [{ allowedOrigins: 'https://app.example/' }, 'ALLOWED_ORIGINS: "https://app.example/"'],
    [{ allowedOrigins: 'https://a.example, app.example' }, 'ALLOWED_ORIGINS: "app.example"'],
    [{ trustedProxies: '10.0.0.0/' }, 'TRUSTED_PROXIES: "10.0.0.0/"'],
    ...['::', '127.1', '::ffff:127.0.0.1', '0', 'localhost.', 'gateway.example'].map(
      (host): [object, string] => [{ host }, `HOST ${host} can be reached`],
    ),
  ])('%o lets no gateway start', async (config, message) => {
    await expect(start(config)).rejects.toThrow(message);
  });

  test('nothing is written, and names that were made to lead here open nothing', async () => {
    const dataDir = temporaryFolder();
    const gateway = await startGateway({ dataDir }, { engine: engine() });
    const { closed } = await knock(gateway, '/v1/stream', { headers: { host: 'rebound.example' } });
    expect(await closed).toBe('4403 origin_not_allowed');
    await (await StreamClient.connect(gateway.url)).start();
    expect(existsSync(join(dataDir, 'access.sqlite'))).toBe(false);
  });
});

describe('jobs', () => {
  test('can be read on the disk by nobody else', async () => {
    const dataDir = temporaryFolder();
    const gateway = await open({ dataDir });
    await ask(gateway, '/v1/jobs', operatorKey, { method: 'POST', body: jfkForm() });
    const files = readdirSync(dataDir);
    expect(files).toEqual(expect.arrayContaining(['access.sqlite', 'jobs.sqlite', 'uploads']));
    for (const name of files)
      expect([name, statSync(join(dataDir, name)).mode & 0o077]).toEqual([name, 0]);
  });

  test('are their owner’s, and the operator’s', async () => {
    const gateway = await open();
    const [mine, yours] = [await makeKey(gateway, ['jobs']), await makeKey(gateway, ['jobs'])];
    const create = async (key: string) => {
      const answer = await ask(gateway, '/v1/jobs', key, { method: 'POST', body: jfkForm() });
      return ((await answer.json()) as { data: { id: string }[] }).data[0]?.id as string;
    };
    const [my, your] = [await create(mine.key), await create(yours.key)];
    const ids = async (key: string) => {
      const { data } = (await (await ask(gateway, '/v1/jobs', key)).json()) as {
        data: { id: string }[];
      };
      return data.map(({ id }) => id).sort();
    };
    expect(await ids(mine.key)).toEqual([my]);
    expect(await ids(yours.key)).toEqual([your]);
    expect(await ids(operatorKey)).toEqual([my, your].sort());
    for (const [method, path] of [
      ['GET', ''],
      ['PATCH', ''],
      ['DELETE', ''],
      ['POST', '/cancel'],
      ['POST', '/retry'],
      ['GET', '/result'],
      ['GET', '/audio'],
      ['GET', '/events'],
    ]) {
      const init = { method: method as string };
      const answer = await ask(gateway, `/v1/jobs/${your}${path}`, mine.key, init);
      expect([path, await refusal(answer)]).toEqual([path, '404 not_found']);
    }
    const page = await ask(gateway, `/v1/jobs?after=${your}`, mine.key);
    expect(await refusal(page)).toBe('400 bad_field');
    expect((await ask(gateway, `/v1/jobs/${your}`, operatorKey)).status).toBe(200);
    expect((await ask(gateway, `/v1/jobs/${my}`, mine.key)).status).toBe(200);
  });
});
