import { expect, test } from 'vitest';
import { createClient, type Final, type LiveSession } from '../../../clients/js/src/index.js';
import { ScriptedEngine, spokenThrough } from '../../../src/engine/index.js';
import { collect, pcm, sendAll, statesOf, textOf } from '../../support/clients/live-client.js';
import { jfkAs, jfkMp3, jfkText } from '../../support/jfk.js';
import { startGateway } from '../../support/start-gateway.js';
import { countErrors } from '../../support/word-error-rate.js';

const pcmBytesPerMs = 32;

test('captions of raw audio, from start to stop', async () => {
  const gateway = await startGateway();
  const session = createClient({ url: gateway.url }).live({ audio: pcm, language: 'en' });
  const { names } = statesOf(session);
  const captions = collect(session.captions());
  const started = await session.start();
  expect(started.model).toBe('base-q8_0');
  const speech = await jfkAs();
  await sendAll(session, speech);
  const end = await session.stop();

  expect(end.reason).toBe('client_stopped');
  expect(end.ledger.received_ms).toBe(Math.floor(speech.length / 32));
  expect(names()).toEqual(['connecting', 'live', 'stopping', 'stopped']);
  const heard = await captions;
  const text = textOf(heard);
  expect(countErrors(jfkText, text).edits, text).toBeLessThanOrEqual(1);
});

test('a container needs no format', async () => {
  const gateway = await startGateway();
  const session = createClient({ url: gateway.url }).live({ language: 'en' });
  const captions = collect(session.captions());
  await session.start();
  await sendAll(session, jfkMp3);
  await session.stop();
  const text = textOf(await captions);
  expect(countErrors(jfkText, text).edits, text).toBeLessThanOrEqual(1);
});

test('an utterance is finished where that is asked for, and the session goes on', async () => {
  const session = await startScripted();
  const speech = await jfkAs();
  // In the middle of a sentence, where nothing but the request ends it.
  await sendAll(session, speech.subarray(0, 2_000 * pcmBytesPerMs));
  const finished = final(session);
  session.finalize();
  expect((await finished).end_ms).toBeLessThanOrEqual(2_000);
  const later = final(session);
  await sendAll(session, speech.subarray(2_000 * pcmBytesPerMs));
  const { ledger } = await session.stop();
  expect((await later).start_ms).toBeGreaterThanOrEqual((await finished).end_ms);
  expect(ledger.received_ms).toBe(11_000);
});

test('a running session is changed, and the options of its caller are not', async () => {
  const options = { audio: pcm, language: 'en' };
  const session = await startScripted(options);
  const speech = await jfkAs();
  await sendAll(session, speech.subarray(0, 2_000 * pcmBytesPerMs));
  const before = final(session);
  session.finalize();
  expect((await before).text).toBe('hello there');
  session.configure({ post_processing: { replacements: [{ from: 'hello', to: 'goodbye' }] } });
  const after = final(session);
  await sendAll(session, speech.subarray(2_000 * pcmBytesPerMs));
  await session.stop();
  expect((await after).text).toBe('goodbye there');
  expect(options).toEqual({ audio: pcm, language: 'en' });
});

test.each([
  // Of which two minutes are less than is otherwise sent before it is waited for.
  ['of a telephone', { format: 'mulaw', sample_rate: 8_000 }, 8_000, 120_000, 60],
  ['of which little is held', pcm, 32_000, 8_000, 4],
])('audio %s is held back before any is lost', async (...given) => {
  const [, audio, bytesPerSecond, maxHeldMs, seconds] = given;
  const gateway = await startGateway({}, { engine: scripted() });
  const session = createClient({ url: gateway.url }).live({ audio, maxHeldMs });
  const gaps: unknown[] = [];
  session.on('gap', (gap) => gaps.push(gap));
  const second = new Uint8Array(bytesPerSecond).fill(audio.format === 'mulaw' ? 0xff : 0);
  let sent = 1;
  while (session.send(second) && sent < 200) sent++;
  expect(sent).toBe(seconds);
  const room = session.drained();
  await session.start();
  await room;
  session.send(second);
  const { ledger } = await session.stop();
  expect(ledger.received_ms).toBe((seconds + 1) * 1_000);
  expect(gaps).toEqual([]);
});

test('what a recorder gives when it is ended is still heard, and nothing after it', async () => {
  const gateway = await startGateway({}, { engine: scripted() });
  const session: LiveSession = createClient({ url: gateway.url }).live({
    audio: pcm,
    endAudio: async () => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      session.send(new Uint8Array(250 * pcmBytesPerMs));
    },
  });
  await session.start();
  session.send(new Uint8Array(1_000 * pcmBytesPerMs));
  const ended = session.stop();
  session.on('transcription_stopped', () => session.send(new Uint8Array(pcmBytesPerMs)));
  expect((await ended).ledger.received_ms).toBe(1_250);
});

test('a key is shown as a protocol of the socket and as a header', async () => {
  const gateway = await startGateway({ apiKey: 'a key with ünïcode' });
  const refused = createClient({ url: gateway.url }).live();
  await expect(refused.start()).rejects.toMatchObject({
    code: 'invalid_api_key',
    retryable: false,
  });
  await expect(createClient({ url: gateway.url }).models()).rejects.toMatchObject({
    code: 'invalid_api_key',
    status: 401,
  });
  const session = createClient({ url: gateway.url, token: () => 'a key with ünïcode' }).live();
  await session.start();
  session.close();
  await expect(session.ended).rejects.toMatchObject({ code: 'closed' });
});

test('a gateway that is not there is an error at once', async () => {
  const session = createClient({ url: 'http://127.0.0.1:9' }).live();
  await expect(session.start()).rejects.toMatchObject({ code: 'connection_failed' });
  expect(session.state.name).toBe('failed');
});

test('files, at once and as they are heard; names of models', async () => {
  const gateway = await startGateway();
  const client = createClient({ url: gateway.url });
  expect((await client.models()).map(({ id }) => id)).toContain('whisper-1');
  expect((await client.health()).ready).toBe(true);

  const file = new Blob([new Uint8Array(jfkMp3)]);
  const whole = await client.transcribe(file, { language: 'en' });
  expect(countErrors(jfkText, whole.text).edits).toBeLessThanOrEqual(1);
  expect(whole.words?.[0]?.word).toBe('And');

  let text = '';
  let done = '';
  for await (const event of client.transcribeStream(file, { language: 'en' })) {
    if (event.type === 'transcript.text.delta') text += event.delta;
    if (event.type === 'transcript.text.done') done = event.text;
  }
  expect(done).toBe(whole.text);
  expect(text).toBe(done);
  await expect(client.transcribe(new Blob(['no audio']))).rejects.toMatchObject({
    code: 'not_audio',
    status: 415,
  });
});

/** Where what is said does not matter. */
function scripted(): ScriptedEngine {
  return new ScriptedEngine({ script: (window) => spokenThrough(window, 'hello there') });
}

async function startScripted(options: object = { audio: pcm, language: 'en' }) {
  const gateway = await startGateway({}, { engine: scripted() });
  const session = createClient({ url: gateway.url }).live(options);
  await session.start();
  return session;
}

/** The next one from now on. */
function final(session: LiveSession): Promise<Final> {
  return new Promise((resolve) => {
    session.on('final', resolve);
  });
}
