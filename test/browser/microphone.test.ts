import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { build } from 'vite';
import { expect, onTestFinished, test } from 'vitest';
import { ScriptedEngine, spokenThrough } from '../../src/engine/index.js';
import { chromiumPath, openBrowser } from '../support/browser.js';
import { startGateway } from '../support/start-gateway.js';

const entry = join(import.meta.dirname, '../../clients/js/src/index.ts');

test.skipIf(!chromiumPath)(
  'all that a MediaRecorder gives is streamed, with what it gives when it is stopped',
  async () => {
    const page = await servePage(await bundle());
    const engine = new ScriptedEngine({ script: (window) => spokenThrough(window, 'hello') });
    const gateway = await startGateway({ allowedOrigins: page }, { engine });
    const tab = await (await openBrowser()).newPage();
    await tab.goto(page);
    const heard: { recorded: number; streamed: number; receivedMs: number } = await tab.evaluate(
      `(${listenAndStop})('${gateway.url}')`,
    );
    expect(heard.recorded).toBeGreaterThan(0);
    expect(heard.streamed).toBe(heard.recorded);
    expect(heard.receivedMs).toBeGreaterThan(0);
  },
);

// Runs in the page. Source text, since what a test imports is not there.
const listenAndStop = `async (url) => {
  let recorded = 0;
  let streamed = 0;
  globalThis.MediaRecorder = class extends MediaRecorder {
    constructor(...args) {
      super(...args);
      this.addEventListener('dataavailable', ({ data }) => (recorded += data.size));
    }
  };
  const { send } = WebSocket.prototype;
  WebSocket.prototype.send = function (data) {
    if (typeof data !== 'string') streamed += data.byteLength;
    send.call(this, data);
  };
  const { createClient, listen } = await import('/client.js');
  const capture = { capture: 'recorder' };
  const { session, microphone } = await listen(createClient({ url }), {}, capture);
  let pieces = 0;
  const speaks = new Promise((resolve) => {
    microphone.on('audio', () => ++pieces === 3 && resolve());
  });
  await session.start();
  await speaks;
  const { ledger } = await session.stop();
  return { recorded, streamed, receivedMs: ledger.received_ms };
}`;

/** The client library as one module. */
async function bundle(): Promise<string> {
  const result = await build({
    configFile: false,
    logLevel: 'silent',
    build: { write: false, target: 'es2023', lib: { entry, formats: ['es'] } },
  });
  const [{ output }] = result as unknown as [{ output: { code: string }[] }];
  return output[0]?.code ?? '';
}

/** A page with nothing on it, beside the module. @returns Its address, of localhost, as microphones need. */
async function servePage(module: string): Promise<string> {
  const server = createServer((request, response) => {
    const isModule = request.url === '/client.js';
    response.setHeader('content-type', isModule ? 'text/javascript' : 'text/html');
    response.end(isModule ? module : '<!doctype html>');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
