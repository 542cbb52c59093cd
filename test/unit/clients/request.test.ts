import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { createClient, type WebSocketClass } from '../../../clients/js/src/index.js';

test('an answer that breaks off is a lost connection', async () => {
  const { url } = await serve((_, response) => {
    response.writeHead(200, { 'content-length': 100 });
    response.write('{"data": [', () => response.destroy());
  });
  const { jobs, models } = createClient({ url });
  const lost = { name: 'ClientError', code: 'connection_lost', retryable: true };
  await expect(models()).rejects.toMatchObject(lost);
  await expect(jobs.result('a', 'txt')).rejects.toMatchObject(lost);
});

test('so is one that is something else than was asked for', async () => {
  const { url } = await serve((_, response) => response.end('<h1>Sign in to this network</h1>'));
  await expect(createClient({ url }).models()).rejects.toMatchObject({
    name: 'ClientError',
    code: 'connection_lost',
  });
});

test('who gives up reading gets their own reason', async () => {
  const { url, server } = await serve((_, response) => {
    response.writeHead(200, { 'content-length': 100 }).write('{');
  });
  const leave = new AbortController();
  const stats = createClient({ url }).admin.stats(leave.signal);
  await once(server, 'request');
  leave.abort();
  await expect(stats).rejects.toMatchObject({ name: 'AbortError' });
});

test('a gateway that is asked for its address and says nothing cannot be reached', async () => {
  const { url, server } = await serve(() => {});
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const webSocket = WebSocket as unknown as WebSocketClass;
  const session = createClient({ url, streamUrl: 'ask', webSocket }).live();
  const started = session.start();
  started.catch(() => {});
  await once(server, 'request');
  vi.advanceTimersByTime(15_000);
  await expect(started).rejects.toMatchObject({ code: 'connection_failed', retryable: true });
});

/** A server that answers as it likes, until the test is over. */
async function serve(answer: RequestListener) {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}
