import { once } from 'node:events';
import { describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { ScriptedEngine, spokenThrough } from '../../src/engine/index.js';
import type { Gateway } from '../../src/gateway/index.js';
import { jfkAs, jfkMp3 } from '../support/jfk.js';
import { refusal } from '../support/jobs-client.js';
import { ask, makeKey, makeToken, operatorKey, send } from '../support/keys.js';
import { startGateway } from '../support/start-gateway.js';
import { StreamClient } from '../support/stream-client.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const pcm = { format: 'pcm_s16le' };
const engine = () =>
  new ScriptedEngine({ slots: 2, script: (window) => spokenThrough(window, 'some words') });
const open = (config = {}) =>
  startGateway({ apiKey: operatorKey, ...config }, { engine: engine() });
const streamAs = (gateway: Gateway, key: string) =>
  StreamClient.connect(gateway.url, `/v1/stream?token=${key}`);
const postFile = (gateway: Gateway, key: string, path = '/v1/audio/transcriptions') => {
  const body = new FormData();
  body.set('file', new File([jfkMp3], 'jfk.mp3'));
  body.set('model', 'whisper-1');
  return ask(gateway, path, key, { method: 'POST', body });
};

/** How a socket from a page of this origin ends, or `open`. */
async function fromPage({ url }: Gateway, origin: string, path = '/v1/stream'): Promise<string> {
  const socket = new WebSocket(url.replace(/^http/, 'ws') + path, { origin });
  onTestFinished(() => socket.terminate());
  const closed = once(socket, 'close').then(([code, reason]) => `${code} ${reason}`);
  // Whoever is refused is told so at once, with the opening.
  const answered = once(socket, 'message').then(([data]) => JSON.parse(String(data)).type);
  socket.once('open', () => socket.send('{"type": "ping"}'));
  return (await answered) === 'pong' ? 'open' : closed;
}

describe('tokens', () => {
  test('open what they are for, in their room, and no more', async () => {
    const gateway = await open();
    const { key } = await makeKey(gateway, ['stream', 'watch', 'jobs']);
    const token = await makeToken(gateway, key, { scopes: ['stream', 'watch'], room: 'hall' });

    const speaker = await streamAs(gateway, token);
    await speaker.start({ audio: pcm });
    const captions = (room: string) => ask(gateway, `/v1/rooms/${room}/captions.vtt`, token);
    expect((await captions('hall')).status).toBe(200);
    expect(await refusal(await captions('attic'))).toBe('403 room_not_allowed');
    const elsewhere = await streamAs(gateway, token);
    elsewhere.send({ type: 'start_transcription', room: 'attic' });
    await elsewhere.close();
    expect(elsewhere.closed).toEqual({ code: 4403, reason: 'room_not_allowed' });
    const viewer = await StreamClient.connect(
      gateway.url,
      `/v1/rooms/attic/captions?token=${token}`,
    );
    await viewer.close();
    expect(viewer.closed).toEqual({ code: 4403, reason: 'room_not_allowed' });
    expect(await refusal(await ask(gateway, '/v1/jobs', token))).toBe('403 insufficient_scope');
    const another = await send(gateway, '/v1/tokens', token, { scopes: ['watch'] });
    expect(await refusal(another)).toBe('403 insufficient_scope');
    expect(await refusal(await ask(gateway, '/v1/usage', token))).toBe('403 insufficient_scope');
    expect((await ask(gateway, '/v1/usage', key)).status).toBe(200);
  });

  test('are made for no more than their key may do, and never for administration', async () => {
    const gateway = await open();
    const { key } = await makeKey(gateway, ['watch']);
    const make = async (as: string, asked: object) =>
      refusal(await send(gateway, '/v1/tokens', as, asked));
    expect(await make(key, { scopes: ['stream'] })).toBe('403 insufficient_scope');
    expect(await make(operatorKey, { scopes: ['admin'] })).toBe('400 bad_field');
    expect(await make(operatorKey, { scopes: ['jobs'], room: 'hall' })).toBe('400 bad_field');
    expect(await make(operatorKey, { scopes: [] })).toBe('400 bad_field');
    expect(await make(operatorKey, { scopes: ['watch'], room: 'a/b' })).toBe('400 bad_field');
  });

  test('that expire let nobody in, and what began before goes on', async () => {
    const gateway = await open();
    const token = await makeToken(gateway, operatorKey, {
      scopes: ['stream'],
      lifetime_seconds: 3,
    });
    const speaker = await streamAs(gateway, token);
    await speaker.start({ audio: pcm });
    await expect.poll(async () => (await ask(gateway, '/v1/models', token)).status).toBe(401);
    await speaker.sendAudio(await jfkAs());
    await speaker.stop();
    expect(speaker.closed?.code).toBe(1000);
  });
});

describe('origins', () => {
  test('pages of other sites are refused, by HTTP and by WebSocket, unless they are listed', async () => {
    const listed = 'https://app.example';
    const gateway = await startGateway({ allowedOrigins: listed }, { engine: engine() });
    const from = (origin: string, init: RequestInit = {}) =>
      ask(gateway, '/v1/models', null, { ...init, headers: { origin, ...init.headers } });

    const own = await from(gateway.url);
    expect([own.status, own.headers.get('access-control-allow-origin')]).toEqual([200, null]);
    const allowed = await from(listed);
    expect(allowed.headers.get('access-control-allow-origin')).toBe(listed);
    expect(allowed.headers.get('vary')).toContain('origin');
    for (const origin of ['https://evil.example', 'https://app.example.evil.example', 'null']) {
      const refused = await from(origin);
      expect(refused.headers.get('access-control-allow-origin')).toBe(null);
      expect(await refusal(refused)).toBe('403 origin_not_allowed');
      expect(await fromPage(gateway, origin)).toBe('4403 origin_not_allowed');
    }
    expect(await fromPage(gateway, listed)).toBe('open');
    expect(await fromPage(gateway, gateway.url)).toBe('open');
  });

  test('a browser that asks beforehand is told, without a key', async () => {
    const gateway = await open({ allowedOrigins: '*' });
    const preflight = (origin: string) =>
      ask(gateway, '/v1/jobs', null, {
        method: 'OPTIONS',
        headers: { origin, 'access-control-request-method': 'POST' },
      });
    const answer = await preflight('https://any.example');
    expect(answer.status).toBe(204);
    expect(answer.headers.get('access-control-allow-headers')).toContain('authorization');
    // A refusal can be read as well.
    const refused = await ask(gateway, '/v1/jobs', 'wrong', {
      headers: { origin: 'https://any.example' },
    });
    expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([
      401,
      'https://any.example',
    ]);
    const strict = await open();
    const asked = await ask(strict, '/v1/jobs', null, {
      method: 'OPTIONS',
      headers: { origin: 'https://any.example', 'access-control-request-method': 'POST' },
    });
    expect(asked.status).toBe(403);
  });
});

describe('limits', () => {
  test('of connections count streams and viewers, and tell when to try again', async () => {
    const gateway = await open();
    const { key } = await makeKey(gateway, ['stream', 'watch'], { max_connections: 2 });
    const first = await streamAs(gateway, key);
    await first.start({ audio: pcm });
    const captions = `/v1/rooms/hall/captions?token=${key}`;
    const viewer = new WebSocket(gateway.url.replace(/^http/, 'ws') + captions);
    onTestFinished(() => viewer.terminate());
    await once(viewer, 'message');
    const third = await streamAs(gateway, key);
    const failed = await third.next('transcription_failed');
    expect(failed).toMatchObject({ code: 'too_many_connections', fatal: true });
    expect(failed.retry_after_ms).toBeGreaterThan(0);
    await third.close();
    expect(third.closed?.code).toBe(4429);
    // Others are not kept out by it, and a place that is left is free.
    await (await streamAs(gateway, operatorKey)).start();
    await first.stop();
    await (await streamAs(gateway, key)).start();
  });

  test('of requests a minute are told with Retry-After', async () => {
    const gateway = await open();
    const { key } = await makeKey(gateway, ['watch'], { requests_a_minute: 3 });
    const answers = [];
    for (let count = 0; count < 4; count++) answers.push(await ask(gateway, '/v1/models', key));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 429]);
    expect(Number(answers[3]?.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await refusal(answers[3] as Response)).toBe('429 rate_limit_exceeded');
    expect((await ask(gateway, '/v1/models', operatorKey)).status).toBe(200);
  });

  test('of an address hold for all who ask from it, behind a trusted proxy for each', async () => {
    const config = { addressRequestsAMinute: 2, trustedProxies: '127.0.0.0/8' };
    const gateway = await open(config);
    const from = async (address: string) => {
      const headers = { 'x-forwarded-for': `10.9.9.9, ${address}` };
      return (await ask(gateway, '/v1/models', operatorKey, { headers })).status;
    };
    expect([await from('192.0.2.1'), await from('192.0.2.1'), await from('192.0.2.1')]).toEqual([
      200, 200, 429,
    ]);
    expect(await from('192.0.2.2')).toBe(200);
    const untrusting = await open({ ...config, trustedProxies: undefined });
    const spoofed = async (address: string) => {
      const headers = { 'x-forwarded-for': address };
      return (await ask(untrusting, '/v1/models', operatorKey, { headers })).status;
    };
    expect([
      await spoofed('192.0.2.1'),
      await spoofed('192.0.2.2'),
      await spoofed('192.0.2.3'),
    ]).toEqual([200, 200, 429]);
  });

  test('of wrong keys keep even the operator’s out for a while, and nobody whose key is random', async () => {
    const gateway = await open({ addressFailuresAMinute: 2 });
    const { id, key } = await makeKey(gateway, ['watch']);
    const token = await makeToken(gateway, operatorKey, { scopes: ['watch'] });
    expect((await ask(gateway, '/v1/models', operatorKey)).status).toBe(200);
    for (const key of ['a', 'b']) expect((await ask(gateway, '/v1/models', key)).status).toBe(401);
    expect((await ask(gateway, '/v1/models', operatorKey)).status).toBe(429);
    for (const wrong of ['c', `wg_${id}_${'w'.repeat(43)}`, `${token.slice(0, -5)}wwwww`, null]) {
      expect((await ask(gateway, '/v1/models', wrong)).status).toBe(429);
    }
    for (const right of [key, token]) {
      expect((await ask(gateway, '/v1/models', right)).status).toBe(200);
    }
  });

  test('of uploads hold for files and jobs', async () => {
    const gateway = await open();
    const small = await makeKey(gateway, ['transcribe', 'jobs'], { max_upload_bytes: 1_000 });
    const large = await makeKey(gateway, ['transcribe', 'jobs']);
    for (const path of ['/v1/audio/transcriptions', '/v1/jobs']) {
      expect(await refusal(await postFile(gateway, small.key, path))).toBe('413 upload_too_large');
      expect((await postFile(gateway, large.key, path)).ok).toBe(true);
    }
  });

  test('of audio a day end a stream that goes over them, and then every way in', async () => {
    const gateway = await open();
    const { id, key } = await makeKey(gateway, ['stream', 'transcribe', 'jobs'], {
      audio_seconds_a_day: 12,
    });
    expect((await postFile(gateway, key)).status).toBe(200);
    const speaker = await streamAs(gateway, key);
    await speaker.start({ audio: pcm, language: 'en' });
    await speaker.sendAudio(await jfkAs(), 32_000);
    const failed = await speaker.next('transcription_failed');
    expect(failed).toMatchObject({ code: 'insufficient_quota', fatal: true });
    expect(failed.ledger?.received_ms).toBeGreaterThan(0);
    await speaker.close();
    expect(speaker.closed?.code).toBe(4429);

    for (const path of ['/v1/audio/transcriptions', '/v1/jobs']) {
      const refused = await postFile(gateway, key, path);
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(await refusal(refused)).toBe('429 insufficient_quota');
    }
    const next = await streamAs(gateway, key);
    next.send({ type: 'start_transcription' });
    expect(await next.next('transcription_failed')).toMatchObject({
      code: 'insufficient_quota',
      retry_after_ms: expect.any(Number),
    });

    const usage = await (await ask(gateway, '/v1/usage', key)).json();
    expect(usage).toMatchObject({ data: [{ key: id, connections: 2 }] });
    const [today] = (usage as { data: { audio_seconds: number; refused: number }[] }).data;
    // It is looked at once a second, however much was heard by then.
    expect(today?.audio_seconds).toBeGreaterThanOrEqual(12);
    expect(today?.audio_seconds).toBeLessThan(23);
    expect(today?.refused).toBeGreaterThanOrEqual(4);
  });
});

describe('jobs beyond the audio of a day', () => {
  const limits = { audio_seconds_a_day: 12 };
  const patiently = { timeout: 30_000 };
  const statesOf = async (gateway: Gateway, key: string) => {
    const { data } = (await (await ask(gateway, '/v1/jobs', key)).json()) as {
      data: { id: string; state: string; error: { code: string } | null }[];
    };
    return data.map(({ state, error }) => (error ? `${state} ${error.code}` : state)).sort();
  };

  test('do not begin, however many came before any was heard', async () => {
    const gateway = await open({ jobsConcurrency: 1 });
    const { id, key } = await makeKey(gateway, ['jobs'], limits);
    const body = new FormData();
    body.set('model', 'whisper-1');
    for (let count = 0; count < 4; count++) body.append('file', new File([jfkMp3], 'jfk.mp3'));
    expect((await ask(gateway, '/v1/jobs', key, { method: 'POST', body })).status).toBe(201);
    const refused = 'failed insufficient_quota';
    const ended = [refused, refused, 'succeeded', 'succeeded'];
    await expect.poll(() => statesOf(gateway, key), patiently).toEqual(ended);
    const [failed] = (
      (await (await ask(gateway, '/v1/jobs?state=failed', key)).json()) as {
        data: { id: string }[];
      }
    ).data;
    const retry = await ask(gateway, `/v1/jobs/${failed?.id}/retry`, key, { method: 'POST' });
    expect(await refusal(retry)).toBe('429 insufficient_quota');
    const usage = await ask(gateway, `/v1/admin/usage?key=${id}`, operatorKey);
    const { data } = (await usage.json()) as { data: { audio_seconds: number }[] };
    expect(data[0]?.audio_seconds).toBeCloseTo(22, 0);
  });

  test('are finished where they had begun, also by the next start', async () => {
    const dataDir = temporaryFolder();
    const slow = new ScriptedEngine({
      slots: 4,
      // The job's window, which is the first, is never answered.
      script: (window, index) =>
        index === 0 ? new Promise(() => {}) : spokenThrough(window, 'some words'),
    });
    const config = { apiKey: operatorKey, dataDir, jobsConcurrency: 1 };
    const first = await startGateway(config, { engine: slow });
    const { key } = await makeKey(first, ['jobs', 'transcribe'], limits);
    for (let count = 0; count < 2; count++) await postFile(first, key, '/v1/jobs');
    await expect.poll(() => statesOf(first, key), patiently).toEqual(['queued', 'running']);
    await slow.arrived(1);
    for (let count = 0; count < 2; count++) expect((await postFile(first, key)).status).toBe(200);
    await first.close();
    const second = await startGateway(config, { engine: engine() });
    const ended = ['failed insufficient_quota', 'succeeded'];
    await expect.poll(() => statesOf(second, key), patiently).toEqual(ended);
  });
});

test('usage tells what a job and a speech have taken, and audit what an operator did', async () => {
  const gateway = await open();
  const { id, key } = await makeKey(gateway, ['jobs', 'speech']);
  await postFile(gateway, key, '/v1/jobs');
  const used = async () => {
    const answer = await ask(gateway, `/v1/admin/usage?key=${id}`, operatorKey);
    return ((await answer.json()) as { data: { audio_seconds: number }[] }).data[0];
  };
  await expect.poll(async () => (await used())?.audio_seconds).toBeCloseTo(11, 0);
  for (const [body, status] of [
    ['{"slots": 1}', 200],
    ['{"slots": 2, "status": 200, "more": "of anything"}', 400],
  ] as const) {
    const headers = { 'content-type': 'application/json' };
    const put = { method: 'PUT', headers, body };
    expect((await ask(gateway, '/v1/admin/slots', operatorKey, put)).status).toBe(status);
  }
  await ask(gateway, `/v1/admin/keys/${id}`, operatorKey, { method: 'DELETE' });
  const audit = (await (await ask(gateway, '/v1/admin/audit', operatorKey)).json()) as {
    data: { actor: string; action: string; subject: string | null; detail: object }[];
  };
  const told = audit.data.map(({ actor, action, subject, detail }) => [
    ...[actor, action, subject],
    detail,
  ]);
  expect(told).toEqual([
    ['operator', 'key_revoked', id, { name: 'for jobs and speech' }],
    ['operator', 'PUT /v1/admin/slots', null, { status: 400 }],
    ['operator', 'PUT /v1/admin/slots', null, { slots: 1, status: 200 }],
    ['operator', 'key_created', id, expect.anything()],
  ]);
});

test('keys share the engine fairly, however many sessions each has', async () => {
  const seen: (string | undefined)[] = [];
  const scripted = new ScriptedEngine({
    slots: 1,
    script: (window) => {
      seen.push(window.tenant);
      return spokenThrough(window, 'some words');
    },
  });
  const gateway = await startGateway({ apiKey: operatorKey }, { engine: scripted });
  const { id, key } = await makeKey(gateway, ['stream', 'transcribe', 'jobs']);
  const stream = await streamAs(gateway, key);
  await stream.start({ audio: pcm });
  await stream.sendAudio(await jfkAs());
  await stream.stop();
  await postFile(gateway, key);
  await postFile(gateway, key, '/v1/jobs');
  await expect.poll(() => seen.length).toBeGreaterThan(2);
  expect(new Set(seen)).toEqual(new Set([id]));
});
