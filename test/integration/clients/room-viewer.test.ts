import { expect, onTestFinished, test, vi } from 'vitest';
import {
  type ClientError,
  createClient,
  type Endpoint,
  type RoomEvent,
} from '../../../clients/js/src/index.js';
import { ScriptedEngine, spokenThrough } from '../../../src/engine/index.js';
import { noteSockets } from '../../support/clients/noted-sockets.js';
import { startCuttingProxy } from '../../support/cutting-proxy.js';
import { readMetrics } from '../../support/read-metrics.js';
import { startGateway } from '../../support/start-gateway.js';

test('who is not let in is told why, and asks again ever more rarely', async () => {
  const gateway = await startGateway({ apiKey: 'secret' }, parts());
  const sockets = noteSockets();
  fakeTimers();
  const { told, next } = watch({ url: gateway.url, token: 'wrong', webSocket: sockets.webSocket });
  expect(await next()).toMatchObject({ code: 'invalid_api_key', retryable: false });
  vi.advanceTimersByTime(300);
  await next();
  // The second pause is longer than 400 ms.
  vi.advanceTimersByTime(400);
  expect(sockets.opened).toBe(2);
  vi.advanceTimersByTime(200);
  await next();
  expect(sockets.opened).toBe(3);
  expect(told.every((error) => error?.code === 'invalid_api_key')).toBe(true);
});

test('who finds no place comes back when the gateway says', async () => {
  const gateway = await startGateway({ maxRoomViewers: 1 }, parts());
  const there = watch({ url: gateway.url });
  expect(await there.next()).toBeNull();
  const sockets = noteSockets();
  fakeTimers();
  const { next } = watch({ url: gateway.url, webSocket: sockets.webSocket });
  expect(await next()).toMatchObject({ code: 'too_many_viewers', retryAfterMs: 5_000 });
  there.viewer.close();
  await expect
    .poll(async () => (await readMetrics(gateway.url)).get('whisper_gateway_room_viewers'))
    .toBe(0);
  vi.advanceTimersByTime(4_999);
  expect(sockets.opened).toBe(1);
  vi.advanceTimersByTime(1);
  expect(await next()).toBeNull();
});

test('a room that is no name of one is said to be none', async () => {
  const gateway = await startGateway({}, parts());
  const { next } = watch({ url: gateway.url }, 'a/b');
  expect(await next()).toMatchObject({ code: 'bad_field' });
});

test('a connection that was lost is told, and opened again', async () => {
  const gateway = await startGateway({}, parts());
  const proxy = await startCuttingProxy(gateway.url);
  const { next } = watch({ url: proxy.url });
  expect(await next()).toBeNull();
  proxy.cut();
  expect(await next()).toMatchObject({ code: 'connection_lost' });
  expect(await next()).toBeNull();
});

test('a connection without a sign of life is given up; one with nothing but those is not', async () => {
  const gateway = await startGateway({ pingIntervalMs: 1_000 }, parts());
  const proxy = await startCuttingProxy(gateway.url);
  const { webSocket, heard } = noteSockets();
  fakeTimers();
  const { told, next, events } = watch({ url: proxy.url, webSocket });
  expect(await next()).toBeNull();
  vi.advanceTimersByTime(39_000);
  await expect.poll(() => heard).toContain('pong');
  vi.advanceTimersByTime(39_000);
  expect(told).toEqual([null]);
  proxy.hold('answers');
  vi.advanceTimersByTime(40_000);
  expect(await next()).toMatchObject({ code: 'connection_lost' });
  vi.advanceTimersByTime(300);
  expect(await next()).toBeNull();
  expect(events).toEqual([]);
});

/** Watches a room until the test is over, and notes what is told of the connection. */
function watch(endpoint: Endpoint, room = 'hall') {
  const viewer = createClient(endpoint).watch(room);
  onTestFinished(() => viewer.close());
  const told: (ClientError | null)[] = [];
  const events: RoomEvent[] = [];
  let read = 0;
  viewer.on('connection', (error) => told.push(error));
  viewer.on('event', (event) => events.push(event));
  /** What was told of the connection and is not read yet. */
  const next = async () => {
    await expect.poll(() => told.length).toBeGreaterThan(read);
    return told[read++];
  };
  return { viewer, told, events, next };
}

/** The gateway that was started before keeps its own. */
function fakeTimers(): void {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
}

/** Where what is said does not matter. */
function parts() {
  return {
    engine: new ScriptedEngine({ script: (window) => spokenThrough(window, 'hello') }),
  };
}
