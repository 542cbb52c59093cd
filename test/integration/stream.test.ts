import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { findFfmpeg } from '../../src/audio/index.js';
import { checkSession } from '../support/check-session.js';
import { jfkAs, jfkMp3, jfkText } from '../support/jfk.js';
import { startGateway } from '../support/start-gateway.js';
import { StreamClient } from '../support/stream-client.js';
import { countErrors } from '../support/word-error-rate.js';

const pcmBytesPerSecond = 32_000;

test('speech in, captions out: partials grow while he speaks, the final is complete', async () => {
  // One thread a window: several that share busy cores with other programs may take seconds.
  const gateway = await startGateway({ threadsPerSlot: 1 });
  const client = await StreamClient.connect(gateway.url);
  const started = await client.start({ language: 'en', audio: { format: 'pcm_s16le' } });
  expect(started).toMatchObject({ model: 'base-q8_0', device: expect.any(String) });
  await client.sendAudio(await jfkAs(), 640, pcmBytesPerSecond);
  const partialsBeforeStop = client.all('partial').length;
  await client.stop();

  // How many come is a matter of the machine's speed; that they come while he speaks is not.
  expect(partialsBeforeStop).toBeGreaterThan(0);
  expect(client.all('partial').some(({ committed }) => committed.length > 0)).toBe(true);
  expect(countErrors(jfkText, client.text).edits).toBeLessThanOrEqual(1);
  expect(client.closed).toEqual({ code: 1000, reason: 'client_stopped' });
  const { ledger } = await client.next('transcription_stopped');
  expect(ledger).toMatchObject({ received_ms: 11_000, shed_ms: 0 });
  checkSession(client);
});

test('a compressed container is sniffed, and words carry times on the clock of the session', async () => {
  const gateway = await startGateway();
  const client = await StreamClient.connect(gateway.url);
  await client.start();
  await client.sendAudio(jfkMp3);
  await client.stop();

  expect(countErrors(jfkText, client.text).edits).toBeLessThanOrEqual(1);
  const words = client.all('final').flatMap(({ words }) => words ?? []);
  expect(words.length).toBeGreaterThan(20);
  let previous = 0;
  for (const word of words) {
    expect(word.start_ms).toBeGreaterThanOrEqual(previous);
    expect(word.end_ms).toBeGreaterThanOrEqual(word.start_ms);
    previous = word.start_ms;
  }
  expect(previous).toBeLessThan(11_000);
  expect(client.all('final')[0]?.language).toBe('en');
  checkSession(client);
});

test('audio sent right behind the start, before it is answered, is not lost', async () => {
  const gateway = await startGateway();
  const client = await StreamClient.connect(gateway.url);
  client.send({ type: 'start_transcription', audio: { format: 'pcm_s16le' } });
  await client.sendAudio(await jfkAs());
  client.send({ type: 'stop_transcription' });
  await client.close();

  expect(countErrors(jfkText, client.text).edits).toBeLessThanOrEqual(1);
  expect((await client.next('transcription_stopped')).ledger.received_ms).toBe(11_000);
  checkSession(client);
});

test('finalize finishes the utterance, and the session goes on', async () => {
  const gateway = await startGateway();
  const client = await StreamClient.connect(gateway.url);
  await client.start({ language: 'en', audio: { format: 'pcm_s16le' } });
  const pcm = await jfkAs();
  await client.sendAudio(pcm.subarray(0, 4 * pcmBytesPerSecond));
  client.send({ type: 'finalize' });
  const first = await client.next('final');
  expect(first.text).toMatch(/americans/i);
  expect(first.end_ms).toBeLessThanOrEqual(4_000);
  await client.sendAudio(pcm.subarray(4 * pcmBytesPerSecond));
  await client.stop();

  expect(client.all('final').length).toBeGreaterThan(1);
  expect(countErrors(jfkText, client.text).edits).toBeLessThanOrEqual(2);
  checkSession(client);
});

test('configure and the options of a start are followed', async () => {
  const gateway = await startGateway();
  const client = await StreamClient.connect(gateway.url);
  await client.start({
    language: 'en',
    audio: { format: 'pcm_s16le' },
    interim_results: false,
    word_timestamps: false,
    stable_finals: false,
  });
  client.send({ type: 'configure', endpoint_ms: 300, hotwords: ['Americans'] });
  client.send({ type: 'ping', id: 'one' });
  await client.sendAudio(await jfkAs());
  await client.stop();

  expect(client.all('partial')).toEqual([]);
  expect(client.all('pong')).toEqual([{ type: 'pong', id: 'one' }]);
  for (const final of client.all('final')) {
    expect(final.words).toBeUndefined();
    expect(final.revised).toEqual([]);
  }
  expect(countErrors(jfkText, client.text).edits).toBeLessThanOrEqual(2);
  checkSession(client, { stableFinals: false });
});

test('a start while running is answered again and changes nothing', async () => {
  const gateway = await startGateway();
  const client = await StreamClient.connect(gateway.url);
  await client.start({ audio: { format: 'pcm_s16le' } });
  client.send({ type: 'start_transcription' });
  await client.until(() => client.all('transcription_started').length === 2);
  await client.sendAudio(await jfkAs());
  await client.stop();
  expect(client.all('transcription_starting')).toHaveLength(1);
  expect(countErrors(jfkText, client.text).edits).toBeLessThanOrEqual(1);
  checkSession(client);
});

test('the same audio gives the same text whatever the size of its frames', async () => {
  const gateway = await startGateway();
  const pcm = await jfkAs();
  const texts = [];
  for (const frame of [640, 3_001, 64_000]) {
    const client = await StreamClient.connect(gateway.url);
    await client.start({
      language: 'en',
      audio: { format: 'pcm_s16le' },
      interim_results: false,
    });
    await client.sendAudio(pcm, frame);
    await client.stop();
    checkSession(client);
    texts.push(client.text);
  }
  expect(new Set(texts).size).toBe(1);
});

test.each([
  ['silence', 'anullsrc=r=16000:cl=mono'],
  ['white noise', 'anoisesrc=r=16000:c=white:a=0.05'],
  ['a tone', 'sine=r=16000:f=440'],
])('%s gives no words, and all of it is in the ledger', async (_, source) => {
  const { path } = await findFfmpeg(undefined);
  const noise = execFileSync(
    path,
    ['-v', 'error', '-f', 'lavfi', '-i', source, '-t', '12', '-f', 's16le', '-ac', '1', 'pipe:1'],
    { maxBuffer: 10_000_000 },
  );
  const gateway = await startGateway();
  const client = await StreamClient.connect(gateway.url);
  await client.start({ audio: { format: 'pcm_s16le' } });
  await client.sendAudio(noise);
  await client.stop();
  expect(client.text).toBe('');
  expect(client.all('partial').map(({ committed }) => committed)).toEqual(
    client.all('partial').map(() => ''),
  );
  expect((await client.next('transcription_stopped')).ledger).toMatchObject({
    received_ms: 12_000,
    shed_ms: 0,
  });
  checkSession(client);
});
