import { expect, test } from 'vitest';
import {
  type Caption,
  createClient,
  defaultReconnect,
  type Final,
  type LiveSession,
} from '../../../clients/js/src/index.js';
import { startCuttingProxy } from '../../support/cutting-proxy.js';
import { jfkAs, jfkMp3, jfkText } from '../../support/jfk.js';
import { startGateway } from '../../support/start-gateway.js';
import { countErrors } from '../../support/word-error-rate.js';

const pcm = { format: 'pcm_s16le', sample_rate: 16_000, channels: 1 } as const;
const quick = { ...defaultReconnect, baseMs: 20, maxMs: 100 };

test('captions of raw audio, from start to stop', async () => {
  const gateway = await startGateway();
  const session = createClient({ url: gateway.url }).live({ audio: pcm, language: 'en' });
  const states = statesOf(session);
  const captions = collect(session.captions());
  const started = await session.start();
  expect(started.model).toBe('base-q8_0');
  const speech = await jfkAs();
  await sendAll(session, speech);
  const end = await session.stop();

  expect(end.reason).toBe('client_stopped');
  expect(end.ledger.received_ms).toBe(Math.floor(speech.length / 32));
  expect(states).toEqual(['connecting', 'live', 'stopping', 'stopped']);
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

test('a lost connection loses no word, and says none twice', async () => {
  const gateway = await startGateway();
  const proxy = await startCuttingProxy(gateway.url);
  const client = createClient({ url: proxy.url });
  const session = client.live({ audio: pcm, language: 'en', reconnect: quick });
  const states = statesOf(session);
  const gaps: unknown[] = [];
  session.on('gap', (gap) => gaps.push(gap));
  const captions = collect(session.captions());
  await session.start();

  const speech = await jfkAs();
  const back = new Promise<void>((resolve) => {
    session.on('state', ({ name }) => name === 'live' && resolve());
  });
  await sendAll(session, speech.subarray(0, 150_000));
  await first(session, 'partial');
  proxy.accepts = false;
  proxy.cut();
  const lost = new Promise<void>((resolve) => {
    session.on('state', (state) => {
      if (state.name === 'reconnecting' && state.attempt >= 2) resolve();
    });
  });
  // What is said without a connection is kept.
  await sendAll(session, speech.subarray(150_000, 250_000));
  await lost;
  proxy.accepts = true;
  await back;
  await sendAll(session, speech.subarray(250_000));
  await session.stop();

  expect(states).toContain('reconnecting');
  expect(states.at(-1)).toBe('stopped');
  expect(gaps).toEqual([]);
  const heard = await captions;
  const text = textOf(heard);
  expect(countErrors(jfkText, text).edits, text).toBeLessThanOrEqual(2);
  const finals = heard.filter((caption): caption is Final => caption.type === 'final');
  // One clock for all of it, whatever number of sessions there were.
  expect(finals.at(-1)?.end_ms).toBeGreaterThan(10_000);
  expect(finals.at(-1)?.end_ms).toBeLessThanOrEqual(11_100);
});

test('what cannot be held any more is a gap', async () => {
  const gateway = await startGateway();
  const proxy = await startCuttingProxy(gateway.url);
  const session = createClient({ url: proxy.url }).live({
    audio: pcm,
    reconnect: quick,
    maxHeldMs: 2_000,
  });
  const gaps: { start_ms: number; end_ms: number }[] = [];
  session.on('gap', (gap) => gaps.push(gap));
  await session.start();
  const back = new Promise<void>((resolve) => {
    session.on('state', ({ name }) => name === 'live' && resolve());
  });
  proxy.cut();
  await first(session, 'state');
  session.send(new Uint8Array(5_000 * 32));
  await back;
  const { ledger } = await session.stop();
  expect(gaps).toEqual([{ start_ms: 0, end_ms: 3_000 }]);
  expect(ledger.received_ms).toBe(2_000);
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

async function sendAll(session: LiveSession, bytes: Uint8Array): Promise<void> {
  for (let offset = 0; offset < bytes.length; offset += 8_000) {
    if (!session.send(bytes.subarray(offset, offset + 8_000))) await session.drained();
  }
}

function first(session: LiveSession, event: 'partial' | 'state'): Promise<void> {
  return new Promise((resolve) => {
    session.on(event, () => resolve());
  });
}

function statesOf(session: LiveSession): string[] {
  const states: string[] = [];
  session.on('state', ({ name }) => states.push(name));
  return states;
}

async function collect(captions: AsyncIterable<Caption>): Promise<Caption[]> {
  const all: Caption[] = [];
  for await (const caption of captions) all.push(caption);
  return all;
}

function textOf(captions: readonly Caption[]): string {
  return captions.flatMap((each) => (each.type === 'final' ? [each.text] : [])).join(' ');
}
