import { describe, expect, test } from 'vitest';
import { ScriptedEngine, spoken } from '../../src/engine/index.js';
import type { Gateway } from '../../src/gateway/index.js';
import type { Ledger, ServerEvent } from '../../src/protocol/index.js';
import { checkSession } from '../support/check-session.js';
import { type CutStreamOptions, cutStream } from '../support/cut-stream.js';
import { jfkAs, jfkText } from '../support/jfk.js';
import { childrenRunning } from '../support/processes.js';
import { recordedSpeech } from '../support/recorded-speech.js';
import { startGateway } from '../support/start-gateway.js';
import { StreamClient } from '../support/stream-client.js';
import { countErrors } from '../support/word-error-rate.js';

const pcmBytesPerSecond = 32_000;
const pcm = { format: 'pcm_s16le' };

/**
 * Seconds of audio that are cut every two to five seconds. `RESUME_STREAM_SECONDS=600` plays ten minutes
 * in real time; without it a minute is played at twice that pace.
 */
const asked = Number(process.env.RESUME_STREAM_SECONDS ?? 0);
const streamSeconds = asked || 60;
const pace = (asked ? 1 : 2) * pcmBytesPerSecond;

/** Numbers that look random and are the same every time (Park and Miller, 1988). */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

const ledgerOf = (events: readonly ServerEvent[]): Ledger | undefined =>
  events.flatMap((event) => (event.type === 'transcription_stopped' ? [event.ledger] : []))[0];

const metric = async ({ url }: Gateway, name: string) =>
  new RegExp(`^whisper_gateway_${name} (\\d+)$`, 'm').exec(
    await (await fetch(`${url}/metrics`)).text(),
  )?.[1];

describe('a stream that is cut every two to five seconds', () => {
  test(
    'gives the text of the uninterrupted one',
    async () => {
      const gateway = await startGateway({ threadsPerSlot: 1 });
      const audio = await recordedSpeech(streamSeconds);
      const random = dice(7);
      const shared: Omit<CutStreamOptions, 'nextCutMs'> = {
        url: () => gateway.url,
        audio,
        // What partials commit depends on when they are answered; finals alone do not.
        fields: { language: 'en', audio: pcm, interim_results: false },
        bytesPerSecond: pace,
        frame: 1_111,
      };
      const cut = await cutStream({ ...shared, nextCutMs: () => 2_000 + 3_000 * random() });
      const whole = await cutStream({ ...shared, bytesPerSecond: 0, nextCutMs: () => Infinity });
      expect(whole.text.split(' ').length).toBeGreaterThan(streamSeconds);
      expect(cut.cuts).toBeGreaterThanOrEqual(
        Math.floor((streamSeconds * pcmBytesPerSecond) / pace / 5) - 1,
      );
      expect(cut.text).toBe(whole.text);
      expect(cut.closed).toEqual({ code: 1000, reason: 'client_stopped' });
      checkSession(cut);
      expect(ledgerOf(cut.events)).toEqual(ledgerOf(whole.events));
      expect(ledgerOf(cut.events)?.received_ms).toBe(streamSeconds * 1_000);
      expect(await metric(gateway, 'resumes_total{outcome="resumed"}')).toBe(String(cut.cuts));
      await expect.poll(() => gateway.health().sessions).toBe(0);
    },
    120_000 + streamSeconds * 4_000,
  );

  test('shows partials that only grow, and their finals', async () => {
    const gateway = await startGateway({ threadsPerSlot: 1 });
    const random = dice(3);
    const cut = await cutStream({
      url: () => gateway.url,
      audio: await jfkAs(),
      fields: { language: 'en', audio: pcm },
      bytesPerSecond: pcmBytesPerSecond,
      frame: 640,
      nextCutMs: () => 500 + 1_000 * random(),
    });
    expect(cut.cuts).toBeGreaterThan(5);
    expect(cut.events.some(({ type }) => type === 'partial')).toBe(true);
    expect(countErrors(jfkText, cut.text).edits, cut.text).toBeLessThanOrEqual(1);
    checkSession(cut);
  });

  test.each([
    ['WebM with Opus', ['-c:a', 'libopus', '-f', 'webm']],
    ['MP3', ['-f', 'mp3']],
    ['WAV', ['-ar', '44100', '-f', 'wav']],
  ])(
    '%s goes on at the byte where it was cut',
    async (_, format) => {
      const gateway = await startGateway({ threadsPerSlot: 1 });
      const audio = await jfkAs(...format);
      const random = dice(11);
      const shared: Omit<CutStreamOptions, 'nextCutMs'> = {
        url: () => gateway.url,
        audio,
        fields: { language: 'en', interim_results: false },
        bytesPerSecond: audio.length / 4,
        frame: 377,
      };
      const whole = await cutStream({ ...shared, bytesPerSecond: 0, nextCutMs: () => Infinity });
      const cut = await cutStream({ ...shared, nextCutMs: () => 300 + 700 * random() });
      expect(cut.cuts).toBeGreaterThan(2);
      expect(cut.text).toBe(whole.text);
      expect(ledgerOf(cut.events)).toEqual(ledgerOf(whole.events));
      checkSession(cut);
    },
    300_000,
  );
});

test('a new recording after a cut is decoded by itself, and what lies between is a gap', async () => {
  const gateway = await startGateway();
  const webm = await jfkAs('-c:a', 'libopus', '-f', 'webm', '-t', '4');
  const rest = await jfkAs('-c:a', 'libopus', '-f', 'webm', '-ss', '5');
  const first = await StreamClient.connect(gateway.url);
  const started = await first.start({ language: 'en', resumable: true });
  // Cut in the middle of a cluster.
  await first.sendAudio(webm.subarray(0, webm.length - 100));
  await first.next('speech_started');
  first.socket.terminate();
  const second = await StreamClient.connect(gateway.url);
  second.send({
    type: 'start_transcription',
    resume: {
      session_id: started.session_id,
      resume_token: started.resume_token,
      last_seq: first.events.length,
      start_ms: 5_000,
    },
  });
  await second.next('transcription_started');
  await second.sendAudio(rest);
  await second.stop();
  const events = [...first.events, ...second.events];
  checkSession({ events });
  const ledger = ledgerOf(events);
  expect(ledger?.shed.map(({ code }) => code)).toEqual(['gap']);
  expect(ledger?.shed[0]?.end_ms).toBe(5_000);
  expect(ledger?.received_ms).toBeGreaterThan(10_900);
  expect(childrenRunning('ffmpeg')).toEqual([]);
});

describe('a client that does not come back', () => {
  test('has its session ended after a while, with its decoder', async () => {
    const gateway = await startGateway({ resumeWindowMs: 500 });
    const client = await StreamClient.connect(gateway.url);
    await client.start({ resumable: true });
    await client.sendAudio(await jfkAs('-f', 'mp3'));
    await client.next('speech_started');
    client.socket.terminate();
    await expect.poll(() => metric(gateway, 'sessions_detached')).toBe('1');
    expect(childrenRunning('ffmpeg')).toHaveLength(1);
    await expect.poll(() => gateway.health().sessions, { timeout: 10_000 }).toBe(0);
    expect(await metric(gateway, 'resume_expiries_total')).toBe('1');
    expect(await metric(gateway, 'sessions_total{reason="resume_expired"}')).toBe('1');
    await expect.poll(() => childrenRunning('ffmpeg')).toEqual([]);
  });

  test('does not keep the gateway from closing', async () => {
    const gateway = await startGateway({ resumeWindowMs: 600_000 });
    const client = await StreamClient.connect(gateway.url);
    await client.start({ resumable: true });
    client.socket.terminate();
    await expect.poll(() => metric(gateway, 'sessions_detached')).toBe('1');
    await gateway.close();
    expect(childrenRunning('')).toEqual([]);
  });

  test('and whose connection nobody closed is noticed by its silence', async () => {
    const gateway = await startGateway({ pingIntervalMs: 1_000 });
    const client = await StreamClient.connect(gateway.url);
    await client.start({ resumable: true });
    // It reads nothing, and so answers no ping.
    client.socket.pause();
    await expect
      .poll(() => metric(gateway, 'sessions_detached'), { timeout: 20_000, interval: 200 })
      .toBe('1');
  });
});

test('a second connection takes the session over, and the first one is told so', async () => {
  const gateway = await startGateway({ maxConnections: 1 });
  const first = await StreamClient.connect(gateway.url);
  const { session_id, resume_token } = await first.start({ audio: pcm, resumable: true });
  // There is no place for another session, but one for whoever resumes this one.
  const second = await StreamClient.connect(gateway.url);
  second.send({
    type: 'start_transcription',
    resume: { session_id, resume_token, last_seq: 2 },
  });
  await second.next('transcription_started');
  await first.close();
  expect(first.closed).toEqual({ code: 4409, reason: 'session_taken_over' });
  expect(first.events.at(-1)).toMatchObject({ code: 'session_taken_over', fatal: true });
  await second.stop();
  expect(second.closed?.code).toBe(1000);

  const third = await StreamClient.connect(gateway.url);
  await third.start({ audio: pcm, resumable: true });
  const guest = await StreamClient.connect(gateway.url);
  guest.send({ type: 'start_transcription' });
  await guest.close();
  expect(guest.closed).toEqual({ code: 4429, reason: 'too_many_connections' });
});

test('after a restart the session is unknown, and a new one starts on the same socket', async () => {
  const before = await startGateway();
  const client = await StreamClient.connect(before.url);
  const { session_id, resume_token } = await client.start({ audio: pcm, resumable: true });
  client.socket.terminate();
  await before.close();
  const after = await startGateway();
  const back = await StreamClient.connect(after.url);
  const resume = { session_id, resume_token, last_seq: 2 };
  back.send({ type: 'start_transcription', resume });
  expect(await back.next('transcription_failed')).toMatchObject({
    code: 'resume_unknown',
    fatal: false,
    retryable: false,
  });
  await back.start({ language: 'en', audio: pcm });
  await back.sendAudio(await jfkAs());
  await back.stop();
  expect(countErrors(jfkText, back.text).edits).toBeLessThanOrEqual(1);
});

describe('more events than a client may leave unread', () => {
  /** Every final is about 60 kB of words. */
  const engine = () =>
    new ScriptedEngine({
      slots: 2,
      script: () =>
        spoken(Array.from({ length: 100 }, (_, i) => [`${i}${'x'.repeat(250)}`, i, i + 1])),
    });
  const limits = { maxUnreadBytes: 65_536, replayMaxBytes: 100_000_000 };

  test('are repeated whole, and a client that does not read is cut off, not ended', async () => {
    const gateway = await startGateway({ ...limits, maxLagMs: 600_000 }, { engine: engine() });
    const clip = await jfkAs();
    const client = await StreamClient.connect(gateway.url);
    const fields = { audio: pcm, interim_results: false, endpoint_ms: 100, resumable: true };
    const { session_id, resume_token } = await client.start(fields);
    client.socket.pause();
    // Kernel buffers on both ends fill first.
    for (
      let clips = 0;
      clips < 100 && (await metric(gateway, 'sessions_detached')) === '0';
      clips++
    )
      await client.sendAudio(clip, 64_000);
    await expect.poll(() => metric(gateway, 'sessions_detached')).toBe('1');

    const back = await StreamClient.connect(gateway.url);
    const resume = { session_id, resume_token, last_seq: 2 };
    back.send({ type: 'start_transcription', resume });
    await back.next('transcription_started');
    await back.stop();
    expect(JSON.stringify(back.events).length).toBeGreaterThan(4 * limits.maxUnreadBytes);
    expect(back.closed?.code).toBe(1000);
    checkSession({ events: [...client.events.slice(0, 2), ...back.events] });
  });
});
