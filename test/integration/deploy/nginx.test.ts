import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Config } from '../../../src/config/index.js';
import { ScriptedEngine, spokenThrough } from '../../../src/engine/index.js';
import type { Gateway } from '../../../src/gateway/index.js';
import type { Stats } from '../../../src/http/index.js';
import { checkSession } from '../../support/check-session.js';
import { deployPath } from '../../support/dashboard.js';
import { jfkAs } from '../../support/jfk.js';
import { nginx, startNginx } from '../../support/nginx.js';
import { startGateway } from '../../support/start-gateway.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { fileHead, fileTail, formType } from '../../support/upload.js';

const hello = (config: Partial<Config> = {}) =>
  startGateway(config, {
    engine: new ScriptedEngine({ script: (window) => spokenThrough(window, 'hello world') }),
  });

describe.skipIf(!nginx)('behind nginx', () => {
  test('streams pass over wss in both directions', async () => {
    const proxy = await startNginx([await hello(), await hello()]);
    const client = await proxy.connect();
    await client.start({ audio: { format: 'pcm_s16le' }, language: 'en' });
    await client.sendAudio(await jfkAs());
    await client.stop();
    checkSession(client);
    expect(client.text).toContain('hello world');
    expect((await client.next('transcription_stopped')).ledger.received_ms).toBe(11_000);
    // A close code of the gateway is the one that the client sees.
    expect(client.closed?.code).toBe(1000);
  });

  test('server-sent events come at once, from the gateway that the speaker is on', async () => {
    const proxy = await startNginx([await hello(), await hello()]);
    const { sent, answered } = proxy.open('/v1/rooms/hall/captions');
    sent.end();
    const watching = await answered;
    let seen = '';
    watching.setEncoding('utf8').on('data', (piece) => {
      seen += piece;
    });
    await expect.poll(() => seen).toContain('snapshot');
    const speaker = await proxy.connect();
    await speaker.start({ audio: { format: 'pcm_s16le' }, room: 'hall' });
    await speaker.sendAudio(await jfkAs());
    // The session goes on meanwhile, so nothing but the event itself pushes it through.
    await speaker.until(() => speaker.all('final').length > 0);
    await expect.poll(() => seen).toContain('"type":"final"');
    await speaker.stop();
  });

  test('large uploads pass as they arrive, and their answer comes back', async () => {
    const gateways = [await hello(), await hello()] as const;
    const proxy = await startNginx(gateways);
    const { sent, answered } = proxy.open('/v1/audio/transcriptions', {
      method: 'POST',
      headers: { 'content-type': formType },
    });
    // 40 s of silence at 48 kHz in four channels of 32 bits: 31 MB.
    const bytes = 40 * 48_000 * 4 * 4;
    const half = Buffer.alloc(bytes / 2);
    const head = [fileHead('name="file"; filename="long.wav"'), wavHeader(bytes)];
    for (const piece of [...head, half]) sent.write(piece);
    const arriving = async () => {
      const stats = await Promise.all(
        gateways.map(async ({ url }) => (await fetch(`${url}/v1/stats`)).json()),
      );
      return (stats as Stats[]).reduce((sum, { transcriptions }) => sum + transcriptions, 0);
    };
    // Were it collected first, no gateway would know of it yet.
    await expect.poll(arriving, { timeout: 10_000 }).toBe(1);
    sent.write(half);
    sent.end(fileTail);
    const answer = await answered;
    expect(JSON.parse(await text(answer))).toMatchObject({ text: '', usage: { seconds: 40 } });
  });

  test('requests keep one id all the way, and tokens stay out of the log', async () => {
    const proxy = await startNginx([await hello(), await hello()]);
    const own = await proxy.ask('/health?token=secret-token');
    expect(own.answer.headers['x-request-id']).toMatch(/^[\da-f]{32}$/);
    const brought = await proxy.ask('/health', { headers: { 'x-request-id': 'from-outside' } });
    expect(brought.answer.headers['x-request-id']).toBe('from-outside');
    await proxy.redirected('/health?token=secret-token');
    await expect.poll(proxy.log).toContain('"GET /health" 308');
    await expect.poll(proxy.log).toMatch(/"GET \/health" 200 .* from-outside\n/);
    expect(proxy.log()).not.toContain('secret-token');
  });

  test('plain HTTP is sent to HTTPS, and metrics are for this machine', async () => {
    const proxy = await startNginx([await hello(), await hello()]);
    const redirect = await proxy.redirected();
    expect(redirect.headers.get('location')).toBe('https://127.0.0.1/');
    for (const path of ['/metrics', '/metrics/']) {
      const { body } = await proxy.ask(path);
      expect(body).toContain('whisper_gateway_ready 1');
    }
  });

  test('metrics are for nobody else, however they are asked for', async () => {
    const proxy = await startNginx([await hello(), await hello()], [['allow 127.0.0.1;', '']]);
    for (const path of ['/metrics', '/metrics/', '//metrics', '/%6detrics/', '/x/../metrics']) {
      const { answer } = await proxy.ask(path);
      expect([path, answer.statusCode]).toEqual([path, 403]);
    }
  });

  test('the gateway’s own pages are of its origin, whatever the port', async () => {
    const proxy = await startNginx([await hello(), await hello()]);
    const { answer } = await proxy.ask('/v1/models', { headers: { origin: proxy.url } });
    expect(answer.statusCode).toBe(200);
  });

  test('where one gateway is gone the other one answers', async () => {
    const gateways = [await hello(), await hello()] as const;
    const proxy = await startNginx(gateways);
    for (const gateway of gateways) {
      const { answer } = await proxy.ask('/ready');
      expect(answer.statusCode).toBe(200);
      if (gateway === gateways[1]) break;
      await gateway.close();
    }
    const client = await proxy.connect();
    await client.start({ audio: { format: 'pcm_s16le' } });
    await client.sendAudio(await jfkAs());
    await client.stop();
    expect(client.text).toContain('hello world');
  });

  test('a rolling restart interrupts no session, and turns nobody away', async () => {
    const apiKey = 'open-sesame';
    const gateways = new Map<string, Gateway>();
    for (let count = 0; count < 2; count++) {
      const gateway = await hello({ apiKey });
      gateways.set(new URL(gateway.url).port, gateway);
    }
    const [first, second] = [...gateways.values()] as [Gateway, Gateway];
    const proxy = await startNginx([first, second]);
    const restarts = createServer(async ({ url = '' }, response) => {
      const port = url.slice(1);
      await gateways.get(port)?.close();
      gateways.set(port, await hello({ apiKey, port: Number(port) }));
      response.end();
    });
    await new Promise<void>((resolve) => restarts.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void restarts.close());

    const headers = { authorization: `Bearer ${apiKey}` };
    const client = await proxy.connect('/v1/stream?token=open-sesame');
    await client.start({ audio: { format: 'pcm_s16le' } });
    const streamed = jfkAs().then(async (pcm) => {
      await client.sendAudio(pcm, 3_200, 64_000);
      await client.stop();
    });
    const environment = join(temporaryFolder(), 'environment');
    writeFileSync(environment, `HOST=127.0.0.1\nAPI_KEY=${apiKey}\nLOG_LEVEL=info\n`);
    const script = promisify(execFile)(
      deployPath('systemd/rolling-restart'),
      [...gateways.keys()],
      {
        env: {
          PATH: process.env.PATH,
          ENVIRONMENT: environment,
          NGINX_CONF: proxy.config,
          RELOAD: proxy.reload,
          RESTART: `curl --silent --fail http://127.0.0.1:${(restarts.address() as AddressInfo).port}/`,
        },
      },
    );
    let over = false;
    const done = script.finally(() => {
      over = true;
    });
    while (!over) {
      const { answer } = await proxy.ask('/ready', { headers });
      expect(answer.statusCode).toBe(200);
    }
    const { stdout } = await done;
    expect(stdout.match(/: restarted\./g)).toHaveLength(2);
    expect([first, second].some((gateway) => [...gateways.values()].includes(gateway))).toBe(false);
    await streamed;
    checkSession(client);
    const { reason, ledger } = await client.next('transcription_stopped');
    expect([reason, ledger.received_ms, ledger.shed_ms]).toEqual(['client_stopped', 11_000, 0]);
  });
});

function wavHeader(bytes: number): Buffer {
  const header = Buffer.alloc(44);
  header.write('RIFF', 0);
  header.writeUInt32LE(36 + bytes, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(4, 22);
  header.writeUInt32LE(48_000, 24);
  header.writeUInt32LE(48_000 * 16, 28);
  header.writeUInt16LE(16, 32);
  header.writeUInt16LE(32, 34);
  header.write('data', 36);
  header.writeUInt32LE(bytes, 40);
  return header;
}
