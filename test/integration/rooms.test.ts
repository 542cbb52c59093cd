import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ScriptedEngine, spoken, spokenThrough } from '../../src/engine/index.js';
import type { Gateway } from '../../src/gateway/index.js';
import { checkSession } from '../support/check-session.js';
import { jfkAs } from '../support/jfk.js';
import { startGateway } from '../support/start-gateway.js';
import { StreamClient } from '../support/stream-client.js';
import { type Seen, watchRoom } from '../support/watch-room.js';

const pcm = { format: 'pcm_s16le' };
const scripted = () =>
  new ScriptedEngine({
    slots: 2,
    script: (window, index) => spokenThrough(window, `words of window ${index}`),
  });

const watch = ({ url }: Gateway, path: string) => watchRoom(url, path);

/** A viewer by server-sent events. */
async function listen({ url }: Gateway, path: string, headers: Record<string, string> = {}) {
  const seen: Seen[] = [];
  const left = new AbortController();
  onTestFinished(() => left.abort());
  const response = await fetch(url + path, { signal: left.signal, headers });
  const read = async () => {
    let rest = '';
    for await (const bytes of response.body ?? []) {
      const events = (rest + Buffer.from(bytes).toString()).split('\n\n');
      rest = events.pop() ?? '';
      for (const event of events)
        if (event.startsWith('data: ')) seen.push(JSON.parse(event.slice(6)) as Seen);
    }
  };
  read().catch(() => {});
  return { seen, response };
}

const metric = async ({ url }: Gateway, name: string) =>
  new RegExp(`^whisper_gateway_${name} (\\d+)$`, 'm').exec(
    await (await fetch(`${url}/metrics`)).text(),
  )?.[1];

test('300 viewers of both kinds see the same, while the speaker is served as ever', async () => {
  const gateway = await startGateway({ maxRoomViewers: 301 }, { engine: scripted() });
  const path = '/v1/rooms/hall/captions';
  const viewers = await Promise.all(
    Array.from({ length: 300 }, (_, index) =>
      index % 2 ? watch(gateway, path) : listen(gateway, path),
    ),
  );
  await expect.poll(() => metric(gateway, 'room_viewers')).toBe('300');
  // One more does not read at all.
  const { hostname, port } = new URL(gateway.url);
  const rude = connect(Number(port), hostname);
  onTestFinished(() => void rude.destroy());
  rude.write(`GET ${path} HTTP/1.1\r\nHost: ${hostname}\r\n\r\n`);
  rude.pause();
  await expect.poll(() => metric(gateway, 'room_viewers')).toBe('301');
  const refused = await fetch(gateway.url + path);
  expect(refused.status).toBe(429);
  expect(await refused.json()).toMatchObject({ error: { code: 'too_many_viewers' } });

  const speaker = await StreamClient.connect(gateway.url);
  await speaker.start({ audio: pcm, room: 'hall', speaker: 'Kennedy' });
  await speaker.sendAudio(await jfkAs(), 3_200, 64_000);
  await speaker.stop();
  checkSession(speaker);
  const captions = ['transcription_started', 'speech_started', 'speech_ended', 'partial'];
  const shown = speaker.events.filter(({ type }) =>
    [...captions, 'final', 'transcription_stopped'].includes(type),
  );
  expect(shown.length).toBeGreaterThan(10);
  for (const { seen } of viewers) {
    await expect.poll(() => seen.at(-1)?.type, { timeout: 20_000 }).toBe('transcription_stopped');
    expect(seen[0]?.type).toBe('snapshot');
    expect(seen.slice(1).map(({ seq }) => seq)).toEqual(
      shown.map((event) => ('seq' in event ? event.seq : 0)),
    );
  }
});

test('a viewer that does not read is given snapshots, and the speaker does not wait for it', async () => {
  // Every final is about 100 kB of words, so that the buffers of the network are full soon.
  const engine = new ScriptedEngine({
    slots: 2,
    script: () =>
      spoken(Array.from({ length: 100 }, (_, i) => [`${i}${'x'.repeat(450)}`, i, i + 1])),
  });
  const gateway = await startGateway(
    { maxViewerUnreadBytes: 65_536, maxUnreadBytes: 268_435_456, maxLagMs: 600_000 },
    { engine },
  );
  const path = '/v1/rooms/hall/captions';
  const lazy = await watch(gateway, path);
  lazy.socket.pause();
  const keen = await watch(gateway, path);
  const clip = await jfkAs();
  const speaker = await StreamClient.connect(gateway.url);
  await speaker.start({ audio: pcm, room: 'hall', interim_results: false, endpoint_ms: 100 });
  for (let clips = 0; clips < 60; clips++) {
    await speaker.sendAudio(clip, 64_000);
    if ((await metric(gateway, 'viewers_lagging_total')) === '1') break;
  }
  await expect.poll(() => metric(gateway, 'viewers_lagging_total')).toBe('1');
  await speaker.stop();
  checkSession(speaker);
  const finals = speaker.all('final').map(({ seq }) => seq);
  const finalsOf = (seen: readonly Seen[]) =>
    seen.flatMap(({ type, seq }) => (type === 'final' ? [seq] : []));
  await expect.poll(() => finalsOf(keen.seen), { timeout: 20_000 }).toEqual(finals);

  lazy.socket.resume();
  const isSnapshot = ({ type }: Seen) => type === 'snapshot';
  await expect.poll(() => lazy.seen.filter(isSnapshot), { timeout: 20_000 }).toHaveLength(2);
  expect(finalsOf(lazy.seen).length).toBeLessThan(finals.length);
  const latest = lazy.seen.findLast(isSnapshot)?.sessions?.[0]?.finals.at(-1)?.text;
  expect(latest).toBe(speaker.all('final').at(-1)?.text);
});

describe('captions of a room', () => {
  test('who comes late sees the current lines, and players get subtitles', async () => {
    const gateway = await startGateway({}, { engine: scripted() });
    const name = encodeURIComponent(`会议 ${'室'.repeat(97)}`);
    const speaker = await StreamClient.connect(gateway.url);
    await speaker.start({ audio: pcm, room: decodeURIComponent(name), speaker: 'A & B' });
    await speaker.sendAudio(await jfkAs());
    const { text } = await speaker.next('final');
    for (const viewer of [
      await watch(gateway, `/v1/rooms/${name}/captions`),
      await listen(gateway, `/v1/rooms/${name}/captions`),
    ]) {
      await expect.poll(() => viewer.seen.length).toBeGreaterThan(0);
      expect(viewer.seen[0]).toMatchObject({
        type: 'snapshot',
        sessions: [
          {
            speaker: 'A & B',
            finals: expect.arrayContaining([expect.objectContaining({ text })]),
          },
        ],
      });
    }
    const vtt = await fetch(`${gateway.url}/v1/rooms/${name}/captions.vtt`);
    expect(vtt.headers.get('content-type')).toBe('text/vtt; charset=utf-8');
    expect(await vtt.text()).toMatch(
      /^WEBVTT\n\n\d\d:\d\d:\d\d\.\d{3} --> \d\d:\d\d:\d\d\.\d{3}\n<v A &amp; B>words of/,
    );
  });

  test('unknown rooms, bad names and strangers are refused', async () => {
    const gateway = await startGateway({ apiKey: 'open sesame' }, { engine: scripted() });
    const headers = { authorization: 'Bearer open sesame' };
    const status = async (path: string, init = {}) =>
      (await fetch(gateway.url + path, init)).status;
    expect(await status('/v1/rooms/hall/captions.vtt', { headers })).toBe(404);
    expect(await status('/v1/rooms/a%2Fb/captions', { headers })).toBe(400);
    expect(await status('/v1/rooms/hall/captions')).toBe(401);
    const stranger = await watch(gateway, '/v1/rooms/hall/captions');
    const [code] = (await once(stranger.socket, 'close')) as [number];
    expect(code).toBe(4401);
    const allowed = await listen(gateway, '/v1/rooms/hall/captions?token=open%20sesame');
    expect(allowed.response.headers.get('content-type')).toMatch('text/event-stream');
    await expect.poll(() => allowed.seen).toEqual([{ type: 'snapshot', sessions: [] }]);
  });

  test('a speaker that is cut off stays in the room, and closing the gateway tells viewers', async () => {
    const gateway = await startGateway({}, { engine: scripted() });
    const viewer = await watch(gateway, '/v1/rooms/hall/captions');
    const speaker = await StreamClient.connect(gateway.url);
    const started = await speaker.start({ audio: pcm, room: 'hall', resumable: true });
    speaker.socket.terminate();
    const { session_id, resume_token } = started;
    const back = await StreamClient.connect(gateway.url);
    const resume = { session_id, resume_token, last_seq: 2 };
    back.send({ type: 'start_transcription', resume });
    await back.next('transcription_started');
    await back.sendAudio(await jfkAs());
    await back.stop();
    await expect.poll(() => viewer.seen.at(-1)?.type).toBe('transcription_stopped');
    expect(viewer.seen.some(({ type }) => type === 'final')).toBe(true);
    expect(JSON.stringify(viewer.seen)).not.toContain(resume_token);
    expect(await metric(gateway, 'rooms')).toBe('1');
    const closed = once(viewer.socket, 'close');
    await gateway.close();
    expect((await closed)[0]).toBe(1001);
  });
});
