import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { ScriptedEngine, spokenThrough } from '../../src/engine/index.js';
import { createLogger } from '../../src/telemetry/index.js';
import { jfkAs, jfkMp3 } from '../support/jfk.js';
import { startGateway } from '../support/start-gateway.js';
import { StreamClient } from '../support/stream-client.js';
import { jfkUpload, postForm } from '../support/upload.js';

interface Line {
  readonly msg: string;
  readonly requestId?: string;
  readonly sessionId?: string;
  readonly [field: string]: unknown;
}

/** A gateway whose log is kept, line by line. */
async function start(config: Parameters<typeof startGateway>[0] = {}) {
  const lines: string[] = [];
  const kept = new Writable({
    write(chunk, _encoding, done) {
      lines.push(...String(chunk).trimEnd().split('\n'));
      done();
    },
  });
  const engine = new ScriptedEngine({ script: (window) => spokenThrough(window, 'hello world') });
  const parts = { engine, logger: createLogger('debug', kept) };
  const { url } = await startGateway({ ...config }, parts);
  const parsed = () => lines.map((line) => JSON.parse(line) as Line);
  const answered = (requestId: string) =>
    parsed().find((line) => line.msg === 'request answered' && line.requestId === requestId);
  return { url, lines, parsed, answered };
}

test('a request keeps the id that it brings, and every line of it has that', async () => {
  const log = await start();
  // A file that breaks off makes the decoder complain.
  const damaged = new File([jfkMp3.subarray(0, jfkMp3.length - 100)], 'jfk.mp3');
  const body = new FormData();
  body.append('file', damaged);
  body.append('model', 'whisper-1');
  const answer = await fetch(`${log.url}/v1/audio/transcriptions`, {
    method: 'POST',
    body,
    headers: { 'x-request-id': 'from-a-proxy.1' },
  });
  expect([answer.status, answer.headers.get('x-request-id')]).toEqual([200, 'from-a-proxy.1']);
  await answer.text();
  await expect
    .poll(() => log.answered('from-a-proxy.1'))
    .toMatchObject({
      method: 'POST',
      route: '/v1/audio/transcriptions',
      status: 200,
      tookMs: expect.any(Number),
    });
  const decoder = log.parsed().filter(({ msg }) => msg.startsWith('decoder '));
  expect(decoder.length).toBeGreaterThanOrEqual(2);
  expect(new Set(decoder.map(({ requestId }) => requestId))).toEqual(new Set(['from-a-proxy.1']));
});

test('requests at the same time are told apart', async () => {
  const log = await start();
  const ids = await Promise.all(
    [1, 2, 3].map(async () => {
      const answer = await postForm(log, [jfkUpload, ['model', 'whisper-1']]);
      await answer.text();
      return answer.headers.get('x-request-id') as string;
    }),
  );
  expect(new Set(ids).size).toBe(3);
  const started = () => log.parsed().filter(({ msg }) => msg === 'decoder started');
  for (const id of ids) {
    expect(started().filter(({ requestId }) => requestId === id).length).toBeGreaterThan(0);
  }
});

test.each([
  ['nothing', undefined],
  ['what breaks a line', 'a b'],
  ['too much', 'x'.repeat(129)],
])('%s as an id is replaced by a new one', async (_, given) => {
  const log = await start();
  const answer = await fetch(`${log.url}/nowhere`, {
    headers: given === undefined ? {} : { 'x-request-id': given },
  });
  const id = answer.headers.get('x-request-id') as string;
  expect(id).toMatch(/^[\da-f-]{36}$/);
  await expect.poll(() => log.answered(id)).toMatchObject({ route: 'none', status: 404 });
});

test('a body in JSON does not lose the id on the way', async () => {
  const log = await start();
  const answer = await fetch(`${log.url}/v1/admin/slots`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json', 'x-request-id': 'slots-1' },
    body: '{"slots": 1}',
  });
  expect(answer.status).toBe(200);
  expect(log.parsed().find(({ msg }) => msg === 'slots set')?.requestId).toBe('slots-1');
});

test('streams of events, and addresses that cannot be read, have an id as well', async () => {
  const log = await start();
  const left = new AbortController();
  const events = await fetch(`${log.url}/v1/rooms/hall/captions`, { signal: left.signal });
  expect(events.headers.get('x-request-id')).toMatch(/^[\da-f-]{36}$/);
  left.abort();
  const unreadable = await fetch(`${log.url}/%E0%A4%A`);
  expect(unreadable.status).toBe(400);
  expect(unreadable.headers.get('x-request-id')).toMatch(/^[\da-f-]{36}$/);
});

test('every line of a session has its id, and none has what was said or a key', async () => {
  const log = await start({ apiKey: 'open-sesame' });
  const headers = { 'x-request-id': 'stream-1' };
  const path = '/v1/stream?token=open-sesame';
  const client = await StreamClient.connect(log.url, path, undefined, { headers });
  const { session_id } = await client.start({ audio: { format: 'pcm_s16le' }, resumable: true });
  const token = (await client.next('transcription_started')).resume_token as string;
  await client.sendAudio(await jfkAs());
  await client.stop();
  await fetch(`${log.url}/v1/stats?token=open-sesame`, {
    headers: { authorization: 'Bearer open-sesame' },
  });
  await fetch(`${log.url}/v1/stats`, { headers: { authorization: 'Bearer close-sesame' } });
  await expect.poll(() => log.lines.length).toBeGreaterThan(3);
  const ofSession = log.parsed().filter(({ sessionId }) => sessionId === session_id);
  expect(ofSession.map(({ msg }) => msg)).toContain('session stopped');
  // They name the request that its socket began with, as a proxy's log does.
  expect(new Set(ofSession.map(({ requestId }) => requestId))).toEqual(new Set(['stream-1']));
  const all = log.lines.join('\n');
  expect(client.text).toContain('hello');
  for (const secret of ['hello', 'sesame', token]) expect(all).not.toContain(secret);
});
