import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ScriptedEngine, spokenThrough } from '../../src/engine/index.js';
import { textOfAddress } from '../../src/transport/uws/text-of-address.js';
import { checkSession } from '../support/check-session.js';
import { jfkAs } from '../support/jfk.js';
import { startGateway } from '../support/start-gateway.js';
import { StreamClient } from '../support/stream-client.js';
import { streamServerContract } from './stream-server-contract.js';

const uws = { streamServer: 'uws', streamPort: 0 } as const;
const engine = () =>
  new ScriptedEngine({ script: (window) => spokenThrough(window, 'some words') });

describe('uWebSockets.js', () => {
  streamServerContract(uws);

  test('is beside the other server, and named by /health and to the web app', async () => {
    const gateway = await startGateway(uws, { engine: engine() });
    expect(gateway.streamUrl).not.toBe(gateway.url);
    const { port } = new URL(gateway.streamUrl);
    const health = (await (await fetch(`${gateway.url}/health`)).json()) as { stream_url: string };
    expect(health.stream_url).toBe(`ws://127.0.0.1:${port}`);
    const page = await fetch(gateway.url);
    expect(page.headers.get('content-security-policy')).toContain(
      `connect-src 'self' ws://127.0.0.1:${port};`,
    );
    await (await StreamClient.connect(gateway.url)).start();
    await (await StreamClient.connect(gateway.streamUrl)).start();
    expect(gateway.health().sessions).toBe(2);
  });

  test('named by the address that a proxy has', async () => {
    const named = { ...uws, streamUrl: 'https://stream.example/' };
    const { url } = await startGateway(named, { engine: engine() });
    const health = (await (await fetch(`${url}/health`)).json()) as { stream_url: string };
    expect(health.stream_url).toBe('wss://stream.example');
  });

  test('a port that is taken is said before anything starts', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void other.close());
    await once(other, 'listening');
    const streamPort = (other.address() as AddressInfo).port;
    const taken = startGateway({ ...uws, streamPort }, { engine: engine() });
    await expect(taken).rejects.toMatchObject({ code: 'stream_server_unavailable' });
    const first = await startGateway(uws, { engine: engine() });
    const shared = Number(new URL(first.streamUrl).port);
    const second = startGateway({ ...uws, streamPort: shared }, { engine: engine() });
    await expect(second).rejects.toMatchObject({ code: 'stream_server_unavailable' });
  });

  test('more than it can keep of a sender who does not wait ends the session, with its ledger', async () => {
    const slow = new ScriptedEngine({
      latencyMs: 2_000,
      script: (window) => spokenThrough(window, 'some words'),
    });
    const limits = { maxLagMs: 2_000, maxEarlyAudioBytes: 65_536, maxHeldBytes: 1_000_000 };
    const gateway = await startGateway({ ...uws, ...limits }, { engine: slow });
    const client = await StreamClient.connect(gateway.streamUrl);
    await client.start({ audio: { format: 'pcm_s16le' } });
    const audio = await jfkAs();
    for (let repeat = 0; repeat < 20; repeat++) await client.sendAudio(audio, 64_000);
    await client.close();
    expect(client.closed).toEqual({ code: 1008, reason: 'sent_too_fast' });
    expect((await client.next('transcription_failed')).ledger).toBeDefined();
    checkSession(client);
  });

  test('addresses are those that Node would write', () => {
    const bytes = (...values: number[]) => new Uint8Array(values).buffer;
    expect(textOfAddress(bytes(192, 0, 2, 1))).toBe('192.0.2.1');
    const mapped = [...Array(10).fill(0), 255, 255, 192, 0, 2, 1];
    expect(textOfAddress(bytes(...mapped))).toBe('::ffff:192.0.2.1');
    const long = [0x20, 1, 0x0d, 0xb8, ...Array(11).fill(0), 1];
    expect(textOfAddress(bytes(...long))).toBe('2001:db8::1');
  });
});
