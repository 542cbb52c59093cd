import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { WebSocketServer } from 'ws';
import { createClient, type Final, type LiveSession } from '../../../clients/js/src/index.js';
import { ScriptedEngine, spokenThrough } from '../../../src/engine/index.js';
import {
  collect,
  pcm,
  quick,
  sendAll,
  statesOf,
  textOf,
} from '../../support/clients/live-client.js';
import { noteSockets } from '../../support/clients/noted-sockets.js';
import { startCuttingProxy } from '../../support/cutting-proxy.js';
import { jfkAs, jfkText } from '../../support/jfk.js';
import { startKillable } from '../../support/killable-gateway.js';
import { startGateway } from '../../support/start-gateway.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { countErrors } from '../../support/word-error-rate.js';

const patient = { ...quick, attempts: Number.POSITIVE_INFINITY };
/** After a ping, and the time for its answer. */
const pingMs = 20_000;

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
  const back = states.next('live');
  await sendAll(session, speech.subarray(0, 150_000));
  await first(session, 'partial');
  proxy.accepts = false;
  proxy.cut();
  const lost = states.next('reconnecting', ({ attempt }) => attempt >= 2);
  // What is said without a connection is kept.
  await sendAll(session, speech.subarray(150_000, 250_000));
  await lost;
  proxy.accepts = true;
  await back;
  await sendAll(session, speech.subarray(250_000));
  await session.stop();

  expect(states.names()).toContain('reconnecting');
  expect(states.names().at(-1)).toBe('stopped');
  expect(gaps).toEqual([]);
  const heard = await captions;
  const text = textOf(heard);
  expect(countErrors(jfkText, text).edits, text).toBeLessThanOrEqual(2);
  const finals = heard.filter((caption): caption is Final => caption.type === 'final');
  // One clock for all of it, whatever number of sessions there were.
  expect(finals.at(-1)?.end_ms).toBeGreaterThan(10_000);
  expect(finals.at(-1)?.end_ms).toBeLessThanOrEqual(11_100);
});

test('a gateway that lets nobody in for the moment costs no session: it is asked for again', async () => {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  onTestFinished(() => server.close());
  const asked: unknown[] = [];
  const own = { session_id: 'one', resume_token: 'secret' };
  let connections = 0;
  server.on('connection', (socket) => {
    const number = ++connections;
    if (number === 2) {
      const refusal = { code: 'server_draining', message: '', retryable: true, fatal: true };
      socket.send(JSON.stringify({ type: 'transcription_failed', ...refusal }));
      socket.close(1001);
      return;
    }
    socket.once('message', (data) => {
      asked.push(JSON.parse(String(data)).resume);
      const started = { type: 'transcription_started', seq: 1, started_at: 0, ...own };
      if (number === 1) socket.send(JSON.stringify(started), () => socket.terminate());
    });
  });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const client = createClient({ url: `http://127.0.0.1:${port}` });
  const session = client.live({ audio: pcm, reconnect: quick });
  void session.start().catch(() => {});
  await expect.poll(() => asked).toEqual([undefined, { ...own, last_seq: 1 }]);
  session.close();
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
  const back = statesOf(session).next('live');
  proxy.cut();
  await first(session, 'state');
  session.send(new Uint8Array(5_000 * 32));
  await back;
  const { ledger } = await session.stop();
  expect(gaps).toEqual([{ start_ms: 0, end_ms: 3_000 }]);
  expect(ledger.received_ms).toBe(2_000);
});

test('a connection that fell silent is given up, which is not leaving', async () => {
  const { gateway, proxy, states, speakOn } = await fallSilent('answers');
  proxy.accepts = false;
  vi.advanceTimersByTime(pingMs);
  // The gateway hears of it before the client is back.
  const { admin } = createClient({ url: gateway.url });
  await expect
    .poll(async () => {
      const { open, detached } = (await admin.stats()).sessions;
      return open - detached;
    })
    .toBe(0);
  const back = states.next('live');
  proxy.accepts = true;
  expect((await back).resumed).toBe(true);
  await speakOn();
});

test('the late end of a connection that fell silent is not that of the next one', async () => {
  const { states, closes, letThrough, speakOn } = await fallSilent('everything');
  const back = states.next('live');
  vi.advanceTimersByTime(pingMs);
  expect((await back).resumed).toBe(true);
  letThrough();
  await expect.poll(() => closes).toContain(4409);
  await speakOn();
  expect(states.names().filter((name) => name === 'reconnecting')).toHaveLength(1);
});

test('who stops without a connection is stopping until what was said is in finals', async () => {
  const gateway = await startGateway();
  const proxy = await startCuttingProxy(gateway.url);
  const sockets = noteSockets();
  const client = createClient({ url: proxy.url, webSocket: sockets.webSocket });
  const session = client.live({ audio: pcm, language: 'en', reconnect: quick });
  const captions = collect(session.captions());
  await session.start();
  const speech = await jfkAs();
  await sendAll(session, speech.subarray(0, 150_000));
  const lost = statesOf(session).next('reconnecting');
  proxy.accepts = false;
  proxy.cut();
  await lost;
  await sendAll(session, speech.subarray(150_000));
  const states = statesOf(session);
  const ended = session.stop();
  const { opened } = sockets;
  await expect.poll(() => sockets.opened).toBeGreaterThan(opened + 1);
  proxy.accepts = true;
  const { ledger } = await ended;
  expect(new Set(states.names())).toEqual(new Set(['stopping', 'stopped']));
  expect(ledger.received_ms).toBe(11_000);
  const text = textOf(await captions);
  expect(countErrors(jfkText, text).edits, text).toBeLessThanOrEqual(2);
});

test('who stops while no gateway is there is not kept waiting for ever', async () => {
  const hour = 3_600_000;
  const client = createClient({ url: 'http://127.0.0.1:9' });
  const session = client.live({
    audio: pcm,
    retryStart: true,
    reconnect: { ...patient, baseMs: hour, maxMs: hour },
  });
  const lost = statesOf(session).next('reconnecting');
  session.start().catch(() => {});
  await lost;
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const ended = session.stop();
  expect(session.state.name).toBe('stopping');
  vi.advanceTimersByTime(120_000);
  await expect(ended).rejects.toMatchObject({ code: 'connection_failed' });
});

test('the end of a session is heard, though its connection was lost on the way to it', async () => {
  const gateway = await startGateway({}, { engine: scripted() });
  const proxy = await startCuttingProxy(gateway.url);
  const options = { audio: pcm, reconnect: quick, room: 'hall' };
  const session = createClient({ url: proxy.url }).live(options);
  const ids = new Set<string>();
  session.on('transcription_started', ({ session_id }) => ids.add(session_id));
  const viewer = createClient({ url: gateway.url }).watch('hall');
  onTestFinished(() => viewer.close());
  const over = new Promise<void>((resolve) => {
    viewer.on('event', ({ type }) => type === 'transcription_stopped' && resolve());
  });
  await new Promise<void>((resolve) => {
    viewer.on('snapshot', () => resolve());
  });
  await session.start();
  await sendAll(session, new Uint8Array(32_000));
  proxy.hold('answers');
  const ended = session.stop();
  await over;
  proxy.cut();
  expect(await ended).toMatchObject({ reason: 'client_stopped', ledger: { received_ms: 1_000 } });
  expect(ids.size).toBe(1);
});

test('what is changed without a connection is changed once there is one again', async () => {
  const gateway = await startGateway({}, { engine: scripted() });
  const proxy = await startCuttingProxy(gateway.url);
  const client = createClient({ url: proxy.url });
  const session = client.live({ audio: pcm, language: 'en', reconnect: quick });
  const states = statesOf(session);
  const captions = collect(session.captions());
  await session.start();
  const lost = states.next('reconnecting');
  proxy.accepts = false;
  proxy.cut();
  await lost;
  session.configure({ prompt: 'Farewells.' });
  session.configure({ post_processing: { replacements: [{ from: 'hello', to: 'goodbye' }] } });
  const back = states.next('live');
  proxy.accepts = true;
  expect((await back).resumed).toBe(true);
  await sendAll(session, await jfkAs());
  await session.stop();
  const text = textOf(await captions);
  expect(text).toContain('goodbye there');
  expect(text).not.toContain('hello');
});

test('a gateway that was restarted knows nothing of the session, and no word is lost', async () => {
  const start = () => startKillable(temporaryFolder(), 'native');
  const before = await start();
  const proxy = await startCuttingProxy(before.url);
  const client = createClient({ url: proxy.url });
  const session = client.live({ audio: pcm, language: 'en', reconnect: patient });
  const states = statesOf(session);
  const gaps: unknown[] = [];
  session.on('gap', (gap) => gaps.push(gap));
  const captions = collect(session.captions());
  await session.start();
  const speech = await jfkAs();
  await sendAll(session, speech.subarray(0, 200_000));
  await first(session, 'final');
  proxy.accepts = false;
  const back = states.next('live');
  await before.kill();
  await sendAll(session, speech.subarray(200_000, 250_000));
  // At the address of the one before.
  proxy.target = (await start()).url;
  proxy.accepts = true;
  expect((await back).resumed).toBe(false);
  await sendAll(session, speech.subarray(250_000));
  await session.stop();
  expect(gaps).toEqual([]);
  const heard = await captions;
  const text = textOf(heard);
  expect(countErrors(jfkText, text).edits, text).toBeLessThanOrEqual(2);
  const finals = heard.filter((caption): caption is Final => caption.type === 'final');
  expect(finals.at(-1)?.end_ms).toBeGreaterThan(10_000);
  expect(finals.at(-1)?.end_ms).toBeLessThanOrEqual(11_100);
});

/** A session in the middle of the clip, of whose connection nothing is heard any more. */
async function fallSilent(held: 'answers' | 'everything') {
  const gateway = await startGateway();
  const proxy = await startCuttingProxy(gateway.url);
  const { webSocket, closes } = noteSockets();
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const client = createClient({ url: proxy.url, webSocket });
  const session = client.live({ audio: pcm, language: 'en', reconnect: patient });
  const states = statesOf(session);
  const captions = collect(session.captions());
  await session.start();
  const speech = await jfkAs();
  await sendAll(session, speech.subarray(0, 150_000));
  await first(session, 'partial');
  const letThrough = proxy.hold(held);
  /** Says the rest, and expects every word. */
  const speakOn = async () => {
    await sendAll(session, speech.subarray(150_000));
    await session.stop();
    const text = textOf(await captions);
    expect(countErrors(jfkText, text).edits, text).toBeLessThanOrEqual(2);
  };
  return { gateway, proxy, states, closes, letThrough, speakOn };
}

/** Where what is said does not matter. */
function scripted(): ScriptedEngine {
  return new ScriptedEngine({ script: (window) => spokenThrough(window, 'hello there') });
}

function first(session: LiveSession, event: 'partial' | 'final' | 'state'): Promise<void> {
  return new Promise((resolve) => {
    session.on(event, () => resolve());
  });
}
