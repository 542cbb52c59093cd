import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type AudioWindow, ScriptedEngine, spokenThrough } from '../../src/engine/index.js';
import { checkSession } from '../support/check-session.js';
import { jfkAs } from '../support/jfk.js';
import { startKillable } from '../support/killable-gateway.js';
import { readMetrics } from '../support/read-metrics.js';
import { startGateway } from '../support/start-gateway.js';
import { StreamClient } from '../support/stream-client.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const bytesPerSecond = 32_000;
const speakers = 6;

test('where finals come late, further sessions are refused for a while, and nobody there loses a word', async () => {
  // One at a time: of six finals at once, half wait for more than two seconds.
  const script = (window: Parameters<typeof spokenThrough>[0]) => spokenThrough(window, 'hello');
  const engine = new ScriptedEngine({ slots: 1, latencyMs: 700, script });
  const gateway = await startGateway({ maxFinalWaitMs: 1_500, liveTimeoutMs: 60_000 }, { engine });
  const pcm = await jfkAs();
  const clients = await Promise.all(
    Array.from({ length: speakers }, async () => {
      const client = await StreamClient.connect(gateway.url);
      await client.start({ language: 'en', audio: { format: 'pcm_s16le' } });
      await client.sendAudio(pcm.subarray(0, 4 * bytesPerSecond));
      await client.next('speech_started');
      client.send({ type: 'finalize' });
      return client;
    }),
  );
  await Promise.all(clients.map((client) => client.next('final')));

  const refused = await StreamClient.connect(gateway.url);
  const { code, retryable, retry_after_ms } = await refused.next('transcription_failed');
  await refused.close();
  expect([code, retryable, refused.closed]).toEqual([
    'overloaded',
    true,
    { code: 4503, reason: 'overloaded' },
  ]);
  expect(retry_after_ms).toBeGreaterThanOrEqual(5_000);
  expect(gateway.health().notes.join()).toContain('new sessions are refused');
  expect(gateway.health().ready).toBe(true);

  for (const client of clients) {
    await client.sendAudio(pcm.subarray(4 * bytesPerSecond));
    await client.stop();
    checkSession(client);
    const { ledger } = await client.next('transcription_stopped');
    expect(ledger).toMatchObject({ received_ms: 11_000, shed_ms: 0 });
  }
  // Whoever is alone makes nobody late.
  await expect.poll(() => gateway.health().sessions).toBe(0);
  const last = await StreamClient.connect(gateway.url);
  await last.start({ audio: { format: 'pcm_s16le' } });
  await last.stop();
  expect(last.closed?.code).toBe(1000);
});

test('of three times as many as can be served in time, a third is let in, and is served in time', async () => {
  // A tenth of a second for a second: half of a slot is enough for six who speak four fifths of the time.
  const inferenceMs = ({ pcm }: Pick<AudioWindow, 'pcm'>) => pcm.length / 160;
  const engine = new ScriptedEngine({
    latencyMs: inferenceMs,
    script: (window) => ({ ...spokenThrough(window, 'hello'), inferenceMs: inferenceMs(window) }),
  });
  const { url } = await startGateway({ maxFinalWaitMs: 1_500 }, { engine });
  const pcm = await jfkAs();
  const speak = async (client: StreamClient, index = 0) => {
    await client.start({ language: 'en', audio: { format: 'pcm_s16le' } });
    // People do not end their sentences at the same moment.
    await client.sendAudio(new Uint8Array(index * 0.7 * bytesPerSecond), 3_200, bytesPerSecond);
    await client.sendAudio(pcm, 3_200, bytesPerSecond);
    await client.stop();
    expect((await client.next('transcription_stopped')).ledger.shed).toEqual([]);
  };
  // What speech costs is known from whoever spoke before.
  await speak(await StreamClient.connect(url));

  const clients = await Promise.all(Array.from({ length: 18 }, () => StreamClient.connect(url)));
  for (const client of clients) client.send({ type: 'ping' });
  await Promise.all(clients.map((client) => client.until(() => client.events.length > 0)));
  const refused = clients.filter((client) => client.all('transcription_failed').length > 0);
  for (const client of refused) {
    const { code, retry_after_ms } = await client.next('transcription_failed');
    expect(code).toBe('overloaded');
    expect(retry_after_ms).toBeGreaterThanOrEqual(5_000);
  }
  expect(refused).toHaveLength(12);
  await Promise.all(clients.filter((client) => !refused.includes(client)).map(speak));
  const metrics = await readMetrics(url);
  const wait = (part: 'sum' | 'count') =>
    metrics.get(`whisper_gateway_queue_wait_seconds_${part}{lane="final"}`) as number;
  expect(wait('count')).toBeGreaterThan(10);
  expect(wait('sum') / wait('count')).toBeLessThan(1.5);
});

test('at three times what the machine can do, partials make room, and finals come in time', async () => {
  const script = (window: Parameters<typeof spokenThrough>[0]) => spokenThrough(window, 'hello');
  // Of one stream at this pace the partials alone keep the only slot busy.
  const latencyMs = 200;
  const pace = 2 * bytesPerSecond;
  const pcm = await jfkAs();
  const measure = async (streams: number) => {
    const engine = new ScriptedEngine({ slots: 1, latencyMs, script });
    const { url } = await startGateway({}, { engine });
    const clients = await Promise.all(
      Array.from({ length: streams }, async () => {
        const client = await StreamClient.connect(url);
        await client.start({ language: 'en', audio: { format: 'pcm_s16le' } });
        await client.sendAudio(pcm, 3_200, pace);
        await client.stop();
        checkSession(client);
        expect((await client.next('transcription_stopped')).ledger.shed).toEqual([]);
        return client;
      }),
    );
    const metrics = await readMetrics(url);
    const metric = (name: string) => metrics.get(`whisper_gateway_${name}`) ?? Number.NaN;
    const wait = (lane: string) =>
      metric(`queue_wait_seconds_sum{lane="${lane}"}`) /
      metric(`queue_wait_seconds_count{lane="${lane}"}`);
    const count = (type: 'partial' | 'final') =>
      clients.reduce((sum, client) => sum + client.all(type).length, 0) / streams;
    return {
      partials: count('partial'),
      finals: count('final'),
      waits: { final: wait('final'), partial: wait('partial') },
      lateFinals: metric('missed_deadlines_total{lane="final"}'),
    };
  };
  const alone = await measure(1);
  const crowd = await measure(3);
  expect(crowd.finals).toBe(alone.finals);
  expect(crowd.lateFinals).toBe(0);
  expect(crowd.waits.final).toBeLessThan(crowd.waits.partial);
  // They are fewer, and there still are some for everybody.
  expect(crowd.partials).toBeLessThan(0.6 * alone.partials);
  expect(crowd.partials).toBeGreaterThan(1);
});

/** Resident bytes at their highest so far. */
function peakOf(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return 1_024 * Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1]);
}

test('senders that are much too fast, and readers that do not read, find a ceiling', async () => {
  const limits = ['MAX_LAG_MS=5000', 'MAX_EARLY_AUDIO_BYTES=65536', 'MAX_UNREAD_BYTES=65536'];
  const { url, pid } = await startKillable(
    temporaryFolder(),
    'scripted',
    ...limits,
    'SCRIPTED_LATENCY_MS=300',
    'MAX_FINAL_WAIT_MS=0',
  );
  const clip = await jfkAs();
  const offered = 32_000_000;
  const connect = async () => {
    const client = await StreamClient.connect(url);
    await client.start({ language: 'en', audio: { format: 'pcm_s16le' }, endpoint_ms: 200 });
    return client;
  };
  const send = async (client: StreamClient, sent: { bytes: number }) => {
    for (; sent.bytes < offered && client.closed === undefined; sent.bytes += clip.length) {
      await client.sendAudio(clip);
    }
  };
  const warm = await connect();
  await warm.sendAudio(clip);
  await warm.stop();
  const before = peakOf(pid);

  const clients = await Promise.all(Array.from({ length: 12 }, connect));
  const readers = clients.slice(0, 8);
  const sent = clients.map(() => ({ bytes: 0 }));
  const sending = clients.map((client, index) => send(client, sent[index] as { bytes: number }));
  for (const client of clients.slice(8)) client.socket.pause();
  await Promise.all(readers.map((client) => client.until(() => client.all('final').length >= 4)));

  // Nobody was read further than the limits say, though everybody wanted to be.
  expect(sent.filter(({ bytes }) => bytes >= offered)).toEqual([]);
  const ceiling = 100_000_000 + clients.length * 2_000_000;
  expect(peakOf(pid) - before).toBeLessThan(ceiling);
  expect(clients.length * offered).toBeGreaterThan(3 * ceiling);
  expect(readers.flatMap((client) => client.all('warning'))).toEqual([]);
  for (const client of clients) client.socket.terminate();
  await Promise.all(sending);
});

describe('a client that asks and does not read', () => {
  const nothing = (window: Parameters<typeof spokenThrough>[0]) => spokenThrough(window, 'hello');

  /** Asks for answers until nobody is there to ask. */
  async function flood(client: StreamClient, isOver: () => boolean) {
    client.socket.pause();
    const id = 'x'.repeat(200);
    while (!isOver()) {
      for (let asked = 0; asked < 500; asked++) client.send({ type: 'ping', id });
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  test('is given up where too much waits for it', async () => {
    const engine = new ScriptedEngine({ script: nothing });
    const gateway = await startGateway({ maxUnreadBytes: 65_536 }, { engine });
    const client = await StreamClient.connect(gateway.url);
    await client.start({ audio: { format: 'pcm_s16le' } });
    await flood(client, () => gateway.health().sessions === 0);
    const metrics = await readMetrics(gateway.url);
    expect(metrics.get('whisper_gateway_sessions_total{reason="slow_reader"}')).toBe(1);
  });

  test('comes back to a session that can be resumed, and has missed nothing', async () => {
    const engine = new ScriptedEngine({ script: nothing });
    const gateway = await startGateway({ maxUnreadBytes: 65_536 }, { engine });
    const client = await StreamClient.connect(gateway.url);
    const audio = { format: 'pcm_s16le' };
    const { session_id, resume_token } = await client.start({ audio, resumable: true });
    const detached = async () =>
      (await readMetrics(gateway.url)).get('whisper_gateway_sessions_detached') === 1;
    let gone = false;
    const watching = expect
      .poll(detached)
      .toBe(true)
      .finally(() => {
        gone = true;
      });
    await flood(client, () => gone);
    await watching;
    const last = client.events.findLast((event) => 'seq' in event);
    const back = await StreamClient.connect(gateway.url);
    const last_seq = last && 'seq' in last ? last.seq : 0;
    back.send({ type: 'start_transcription', resume: { session_id, resume_token, last_seq } });
    await back.next('progress');
    await back.sendAudio(await jfkAs());
    await back.stop();
    const { ledger } = await back.next('transcription_stopped');
    expect([ledger.received_ms, ledger.shed]).toEqual([11_000, []]);
    client.socket.terminate();
  });

  test('is not answered with more pongs than it reads', async () => {
    const engine = new ScriptedEngine({ script: nothing });
    const gateway = await startGateway({}, { engine });
    const client = await StreamClient.connect(gateway.url);
    await client.start({ audio: { format: 'pcm_s16le' } });
    let pongs = 0;
    client.socket.on('pong', () => pongs++);
    client.socket.pause();
    const pings = 300_000;
    const bytes = Buffer.alloc(125);
    for (let sent = 0; sent < pings; sent++) {
      client.socket.ping(bytes);
      if (sent % 1_000 > 0) continue;
      while (client.socket.bufferedAmount > 1_000_000)
        await new Promise((resolve) => setImmediate(resolve));
    }
    client.send({ type: 'ping', id: 'last' });
    await expect.poll(() => client.socket.bufferedAmount).toBe(0);
    client.socket.resume();
    await client.next('pong');
    // What the network holds was answered, and little more.
    expect(pongs).toBeGreaterThan(0);
    expect(pongs).toBeLessThan(pings / 2);
    await client.stop();
  });
});
