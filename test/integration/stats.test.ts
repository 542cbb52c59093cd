import { describe, expect, test } from 'vitest';
import { ScriptedEngine, spokenThrough } from '../../src/engine/index.js';
import type { Gateway } from '../../src/gateway/index.js';
import type { Stats } from '../../src/http/index.js';
import { jfkAs } from '../support/jfk.js';
import { startGateway } from '../support/start-gateway.js';
import { StreamClient } from '../support/stream-client.js';

/** A gateway with an engine of three slots. */
function start(config: Parameters<typeof startGateway>[0] = {}): Promise<Gateway> {
  const script = (window: Parameters<typeof spokenThrough>[0]) => spokenThrough(window, 'hello');
  return startGateway(config, { engine: new ScriptedEngine({ script, slots: 3 }) });
}

function putSlots({ url }: Gateway, body: string, headers: Record<string, string> = {}) {
  return fetch(`${url}/v1/admin/slots`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  });
}

test('/v1/stats tells totals, lanes, memory and models', async () => {
  const gateway = await start();
  const response = await fetch(`${gateway.url}/v1/stats`);
  expect(response.status).toBe(200);
  const lane = { running: 0, waiting: 0, longest_wait_ms: 0, wait_ms: null };
  expect(await response.json()).toEqual({
    max_concurrent: 3,
    active_tasks: 0,
    hosts: null,
    total_tasks: 0,
    failed_tasks: 0,
    oom_errors: 0,
    success_rate: 1,
    slots: 'auto',
    lanes: {
      final: { ...lane, max_waiting: 256 },
      partial: { ...lane, max_waiting: 256 },
      batch: { ...lane, max_waiting: 256 },
    },
    cache: null,
    devices: [{ device: 'cpu', used_bytes: expect.any(Number), total_bytes: expect.any(Number) }],
    models: [
      {
        model: 'scripted',
        device: 'cpu',
        backend: 'scripted',
        state: 'loaded',
        default: true,
        users: 0,
        idle_ms: null,
        memory_bytes: 0,
      },
    ],
    memory: { budget_bytes: expect.any(Number), used_bytes: 0, voices: [] },
    switches: 0,
    restarts: 0,
    sessions: { open: 0, detached: 0, lag_ms: null, listed: [] },
    transcriptions: 0,
    jobs: null,
    errors: [],
  });
});

test('/v1/stats tells of every session how it does, and not what it says', async () => {
  const gateway = await start();
  const client = await StreamClient.connect(gateway.url);
  const { session_id } = await client.start({
    audio: { format: 'pcm_s16le' },
    language: 'en',
    room: 'main hall',
    speaker: 'Ada',
  });
  await client.sendAudio(await jfkAs());
  await client.until(() => client.all('final').length > 0);
  const text = await (await fetch(`${gateway.url}/v1/stats`)).text();
  const { sessions } = JSON.parse(text) as Stats;
  expect(sessions).toMatchObject({ open: 1, detached: 0 });
  expect(sessions.lag_ms?.max).toBe(sessions.listed[0]?.lag_ms);
  expect(sessions.listed).toEqual([
    {
      session_id,
      state: 'streaming',
      room: 'main hall',
      speaker: 'Ada',
      started_at: expect.any(Number),
      language: 'en',
      model: 'scripted',
      rung: expect.stringMatching(/^(lean|cut|tail|full)$/),
      received_ms: expect.any(Number),
      lag_ms: expect.any(Number),
    },
  ]);
  expect(sessions.listed[0]?.received_ms).toBeGreaterThan(1_000);
  expect(text).not.toContain('hello');
  await client.stop();
});

test('/v1/stats tells what went wrong lately, and to whom', async () => {
  const gateway = await start({ apiKey: 'open-sesame' });
  const headers = { authorization: 'Bearer open-sesame' };
  const client = await StreamClient.connect(gateway.url, '/v1/stream?token=open-sesame');
  const { session_id } = await client.start({ audio: { format: 'mp3' } });
  await client.sendAudio(new Uint8Array(100_000).fill(7));
  client.send({ type: 'stop_transcription' });
  await client.close();
  const { code } = await client.next('transcription_failed');
  await (await StreamClient.connect(gateway.url, '/v1/stream?token=close')).close();
  const stats = (await (await fetch(`${gateway.url}/v1/stats`, { headers })).json()) as Stats;
  const at = expect.any(Number);
  expect(stats.errors).toEqual([
    { at, code: 'invalid_api_key', session_id: null, count: 1 },
    { at, code, session_id, count: 1 },
  ]);
});

describe('PUT /v1/admin/slots', () => {
  test('changes how many windows may run, in stats, health and metrics', async () => {
    const gateway = await start();
    const seen = async () => {
      const stats = (await (await fetch(`${gateway.url}/v1/stats`)).json()) as Stats;
      const metrics = await (await fetch(`${gateway.url}/metrics`)).text();
      const gauge = Number(/^whisper_gateway_slots (\d+)$/m.exec(metrics)?.[1]);
      return [stats.slots, stats.max_concurrent, gateway.health().slots, gauge];
    };
    expect(await seen()).toEqual(['auto', 3, 3, 3]);

    const answer = await putSlots(gateway, '{"slots": 1}');
    expect([answer.status, await answer.json()]).toEqual([200, { slots: 1, max_concurrent: 1 }]);
    expect(await seen()).toEqual([1, 1, 1, 1]);

    // More than the engine has is kept in mind, should it have more one day.
    expect(await (await putSlots(gateway, '{"slots": 64}')).json()).toEqual({
      slots: 64,
      max_concurrent: 3,
    });
    expect(await (await putSlots(gateway, '{"slots": "auto"}')).json()).toEqual({
      slots: 'auto',
      max_concurrent: 3,
    });
    expect(await seen()).toEqual(['auto', 3, 3, 3]);
  });

  test.each([
    ['zero', '{"slots": 0}'],
    ['too many', '{"slots": 65}'],
    ['half a slot', '{"slots": 1.5}'],
    ['a number in words', '{"slots": "two"}'],
    ['a number in quotes', '{"slots": "2"}'],
    ['nothing', '{}'],
    ['null', 'null'],
    ['a list', '[2]'],
    ['another field beside it', '{"slots": 2, "threads": 1}'],
    ['what is not JSON', '{"slots": 2'],
  ])('refuses %s with bad_field, and changes nothing', async (_, body) => {
    const gateway = await start();
    const refused = await putSlots(gateway, body);
    expect(refused.status).toBe(400);
    expect(await refused.json()).toEqual({
      error: {
        code: 'bad_field',
        type: 'invalid_request_error',
        param: null,
        message: expect.stringMatching(/\S/),
      },
    });
    expect(gateway.health().slots).toBe(3);
  });

  test('refuses what is not declared as JSON', async () => {
    const gateway = await start();
    const refused = await putSlots(gateway, '{"slots": 1}', { 'content-type': 'text/csv' });
    expect(refused.status).toBe(415);
    expect(gateway.health().slots).toBe(3);
  });
});

test('with a key set, both need it, and change nothing without it', async () => {
  const gateway = await start({ apiKey: 'open sesame' });
  const wrong = { authorization: 'Bearer close sesame' };
  const right = { authorization: 'Bearer open sesame' };
  for (const headers of [{}, wrong]) {
    const refused = await fetch(`${gateway.url}/v1/stats`, { headers });
    expect(refused.status).toBe(401);
    expect(await refused.json()).toMatchObject({ error: { code: 'invalid_api_key' } });
    expect((await putSlots(gateway, '{"slots": 1}', headers)).status).toBe(401);
  }
  expect(gateway.health().slots).toBe(3);
  expect((await fetch(`${gateway.url}/v1/stats`, { headers: right })).status).toBe(200);
  expect((await putSlots(gateway, '{"slots": 1}', right)).status).toBe(200);
  expect(gateway.health().slots).toBe(1);
});
