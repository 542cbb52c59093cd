import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { get } from 'node:http';
import { connect as connectTcp, type Socket } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Config } from '../../src/config/index.js';
import { ScriptedEngine, spoken, spokenThrough } from '../../src/engine/index.js';
import type { Gateway, GatewayParts } from '../../src/gateway/index.js';
import { checkSession } from '../support/check-session.js';
import { cutStream } from '../support/cut-stream.js';
import { jfkAs } from '../support/jfk.js';
import { selfSigned } from '../support/self-signed.js';
import { startGateway } from '../support/start-gateway.js';
import { StreamClient } from '../support/stream-client.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { watchRoom } from '../support/watch-room.js';

const pcm = { audio: { format: 'pcm_s16le' } };
const speaking = () =>
  new ScriptedEngine({ slots: 2, script: (window) => spokenThrough(window, 'some words') });
/** Bytes a second that every server takes, whether it can make a sender wait or not. */
const pace = 4_000_000;
/** Every final is about 60 kB of words, so that the buffers of the network are full soon. */
const talkative = () =>
  new ScriptedEngine({
    slots: 2,
    script: () =>
      spoken(Array.from({ length: 100 }, (_, i) => [`${i}${'x'.repeat(250)}`, i, i + 1])),
  });

const metric = async ({ url }: Gateway, name: string) =>
  new RegExp(`^whisper_gateway_${name} (\\d+)$`, 'm').exec(
    await (await fetch(`${url}/metrics`)).text(),
  )?.[1];

/** What holds of every server that accepts sockets. @param server The settings that choose it. */
export function streamServerContract(server: Partial<Config>): void {
  const start = (config: Partial<Config> = {}, parts: GatewayParts = { engine: speaking() }) =>
    startGateway({ ...config, ...server }, parts);
  const connect = ({ streamUrl }: Gateway, path?: string, protocols?: string[], options = {}) =>
    StreamClient.connect(streamUrl, path, protocols, options);

  test('a client behind a proxy is whom the proxy names last, in whichever header', async () => {
    const gateway = await start({ trustedProxies: '127.0.0.0/8', addressMaxConnections: 1 });
    const from = (claimed: string) => {
      const headers = { 'x-forwarded-for': [claimed, '192.0.2.1'] };
      return connect(gateway, undefined, undefined, { headers });
    };
    await (await from('192.0.2.7')).start(pcm);
    const again = await from('192.0.2.8');
    await again.close();
    expect(again.closed).toEqual({ code: 4429, reason: 'too_many_connections' });
  });

  describe('frames', () => {
    test('audio goes in, events come out in order, and the end is said in a number', async () => {
      const client = await connect(await start());
      await client.start(pcm);
      await client.sendAudio(await jfkAs(), 3_200);
      await client.stop();
      expect(client.closed).toEqual({ code: 1000, reason: 'client_stopped' });
      const { ledger } = await client.next('transcription_stopped');
      expect(ledger).toMatchObject({ received_ms: 11_000, shed_ms: 0 });
      checkSession(client);
    });

    test('come in parts of any size, and none at all counts as well', async () => {
      const client = await connect(await start());
      await client.start(pcm);
      const audio = await jfkAs();
      client.socket.send(new Uint8Array(0));
      for (let at = 0; at < audio.length; at += 50_000) {
        client.socket.send(audio.subarray(at, at + 20_000), { fin: false });
        client.socket.send(audio.subarray(at + 20_000, at + 50_000), { fin: true });
      }
      client.send({ type: 'ping', id: 'Grüße 漢字' });
      await client.stop();
      expect(client.all('pong')).toEqual([{ type: 'pong', id: 'Grüße 漢字' }]);
      expect((await client.next('transcription_stopped')).ledger.received_ms).toBe(11_000);
    });

    test('that are no message, or too big, end the session with their reason', async () => {
      const gateway = await start({ maxFrameBytes: 65_536 });
      const talker = await connect(gateway);
      talker.socket.send('hello');
      await talker.close();
      expect(talker.closed).toEqual({ code: 4400, reason: 'bad_message' });

      const heavy = await connect(gateway);
      await heavy.start(pcm);
      await heavy.sendAudio((await jfkAs()).subarray(0, 64_000));
      heavy.socket.send(new Uint8Array(65_537));
      await heavy.close();
      expect(heavy.closed?.code).toBe(1009);
      await expect.poll(() => gateway.health().sessions).toBe(0);
    });

    test('of a sender that is faster than the engine wait, and nothing is lost', async () => {
      const gateway = await start({ maxLagMs: 2_000, maxEarlyAudioBytes: 65_536 });
      const client = await connect(gateway);
      await client.start({ ...pcm, endpoint_ms: 200 });
      const audio = await jfkAs();
      for (let repeat = 0; repeat < 6; repeat++) await client.sendAudio(audio, 64_000);
      await client.stop();
      const { ledger } = await client.next('transcription_stopped');
      expect(ledger).toMatchObject({ received_ms: 66_000, shed_ms: 0 });
      checkSession(client);
    });
  });

  describe('ends', () => {
    test('a client that reads nothing is cut off, and nobody waits for it', async () => {
      const limits = { maxUnreadBytes: 65_536, maxLagMs: 600_000 };
      const gateway = await start(limits, { engine: talkative() });
      const client = await connect(gateway);
      await client.start({ ...pcm, interim_results: false, endpoint_ms: 100 });
      client.socket.pause();
      const audio = await jfkAs();
      // Buffers of the kernel on both ends fill first.
      for (let clips = 0; clips < 100 && gateway.health().sessions > 0; clips++) {
        await client.sendAudio(audio, 64_000, pace);
      }
      await expect.poll(() => gateway.health().sessions).toBe(0);
      const { errors } = (await (await fetch(`${gateway.url}/v1/stats`)).json()) as {
        errors: { code: string }[];
      };
      expect(errors.map(({ code }) => code)).toContain('slow_reader');
    });

    test('clients that are cut off leave nothing behind', async () => {
      const gateway = await start();
      const clients = await Promise.all(Array.from({ length: 10 }, () => connect(gateway)));
      await Promise.all(clients.map((client) => client.start(pcm)));
      expect(gateway.health().sessions).toBe(10);
      for (const [index, client] of clients.entries()) {
        if (index % 2) client.socket.terminate();
        else client.socket.close();
      }
      await expect.poll(() => gateway.health().sessions).toBe(0);
    });

    test('a client that is silent is asked, and one that does not answer is taken for lost', async () => {
      const gateway = await start({ pingIntervalMs: 1_000 });
      const client = await connect(gateway);
      await client.start({ ...pcm, resumable: true });
      client.socket.pause();
      await expect
        .poll(() => metric(gateway, 'sessions_detached'), { timeout: 20_000, interval: 200 })
        .toBe('1');
    });

    test('a client that sends nothing is told so', async () => {
      const client = await connect(await start({ idleTimeoutMs: 1_000 }));
      await client.close();
      expect(client.closed).toEqual({ code: 4408, reason: 'idle_timeout' });
    });

    test('a gateway that closes lets a session say all of it, and tells viewers', async () => {
      const gateway = await start({ shutdownTimeoutMs: 20_000 });
      const viewer = await watchRoom(gateway.streamUrl, '/v1/rooms/hall/captions');
      const client = await connect(gateway);
      await client.start({ ...pcm, room: 'hall' });
      await client.sendAudio(await jfkAs(), 32_000);
      client.send({ type: 'ping' });
      await client.next('pong');
      await gateway.close();
      await client.close();
      expect(client.closed).toEqual({ code: 1001, reason: 'server_draining' });
      expect((await client.next('transcription_stopped')).ledger).toMatchObject({
        received_ms: 11_000,
        shed_ms: 0,
      });
      checkSession(client);
      expect(await viewer.closed).toBe(1001);
    });

    test('a stream that is cut again and again is one stream', async () => {
      const { streamUrl } = await start();
      let cuts = 0;
      const stream = await cutStream({
        url: () => streamUrl,
        audio: await jfkAs(),
        fields: pcm,
        bytesPerSecond: 64_000,
        frame: 3_200,
        nextCutMs: () => (cuts++ < 6 ? 600 : Number.POSITIVE_INFINITY),
      });
      expect(stream.cuts).toBe(6);
      expect(stream.closed?.code).toBe(1000);
      checkSession(stream);
    });

    test('who comes back to a session takes it over, and the other one is told', async () => {
      const gateway = await start({ maxConnections: 1 });
      const first = await connect(gateway);
      const { session_id, resume_token } = await first.start({ ...pcm, resumable: true });
      const second = await connect(gateway);
      second.send({
        type: 'start_transcription',
        resume: { session_id, resume_token, last_seq: 2 },
      });
      await second.next('transcription_started');
      await first.close();
      expect(first.closed).toEqual({ code: 4409, reason: 'session_taken_over' });
      await second.stop();
      expect(second.closed?.code).toBe(1000);
    });
  });

  describe('the door', () => {
    test('who is one too many is told when to come back', async () => {
      const gateway = await start({ maxConnections: 3 });
      const clients = await Promise.all(Array.from({ length: 3 }, () => connect(gateway)));
      await Promise.all(clients.map((client) => client.start(pcm)));
      const refused = await connect(gateway);
      await refused.close();
      expect(refused.closed).toEqual({ code: 4429, reason: 'too_many_connections' });
      expect(refused.events).toMatchObject([
        { code: 'too_many_connections', fatal: true, retry_after_ms: expect.any(Number) },
      ]);
    });

    test('keys come as browsers can send them, or as programs do', async () => {
      const gateway = await start({ apiKey: 'open sesame' });
      const offered = ['bearer', Buffer.from('open sesame').toString('base64url')];
      const browser = await connect(gateway, '/v1/stream', offered);
      expect(browser.socket.protocol).toBe('bearer');
      const program = { headers: { authorization: 'Bearer open sesame' } };
      for (const client of [
        browser,
        await connect(gateway, '/v1/stream', [], program),
        await connect(gateway, '/v1/stream?token=open%20sesame'),
      ]) {
        await client.start(pcm);
      }
      const stranger = await connect(gateway, '/v1/stream?token=sesame');
      await stranger.close();
      expect(stranger.closed).toEqual({ code: 4401, reason: 'invalid_api_key' });
    });

    test('pages of the gateway may come, those of others may not', async () => {
      const gateway = await start();
      const own = await connect(gateway, '/v1/stream', [], { origin: gateway.url });
      await own.start(pcm);
      const foreign = await connect(gateway, '/v1/stream', [], { origin: 'https://else.example' });
      await foreign.close();
      expect(foreign.closed).toEqual({ code: 4403, reason: 'origin_not_allowed' });
      const rebound = await connect(gateway, '/v1/stream', [], {
        headers: { host: 'else.example' },
      });
      await rebound.close();
      expect(rebound.closed).toEqual({ code: 4403, reason: 'origin_not_allowed' });
    });

    test('nothing else is there, and nothing that is sent breaks it', async () => {
      const gateway = await start();
      for (const path of ['/v1/streams', '//', '/v1/rooms/%/captions', '/v1/rooms/a/b/captions']) {
        await expect(connect(gateway, path), path).rejects.toThrow('404');
      }
      const raw = await connect(gateway);
      const { _socket: socket } = raw.socket as unknown as { _socket: Socket };
      // A frame of reserved bits, unmasked, of the largest length there is.
      socket.write(Buffer.from([0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]));
      await raw.close();
      const answer = await new Promise<number | undefined>((resolve, reject) => {
        get(`${gateway.streamUrl}/v1/stream`, ({ statusCode }) => resolve(statusCode)).on(
          'error',
          reject,
        );
      });
      expect(answer).toBeGreaterThanOrEqual(400);
      await (await connect(gateway)).start(pcm);
    });

    test('whoever is refused and stays on the line keeps no gateway from ending', async () => {
      const gateway = await start();
      const { hostname, port } = new URL(gateway.streamUrl);
      const socket = connectTcp({ host: hostname, port: Number(port), allowHalfOpen: true });
      onTestFinished(() => void socket.destroy());
      const upgrade = ['Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Version: 13'];
      const key = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==';
      socket.write(['GET /else HTTP/1.1', 'Host: localhost', ...upgrade, key, '', ''].join('\r\n'));
      await once(socket.resume(), 'end');
      await gateway.close();
    });

    test('with a certificate it speaks WSS', async () => {
      const { cert, key } = selfSigned(temporaryFolder(), 'own');
      const gateway = await start({ tlsCert: cert, tlsKey: key });
      expect(gateway.streamUrl).toMatch(/^https:/);
      const options = { ca: readFileSync(cert), origin: gateway.url };
      const client = await connect(gateway, '/v1/stream', [], options);
      await client.start(pcm);
      await client.sendAudio(await jfkAs(), 32_000);
      await client.stop();
      checkSession(client);
    });
  });

  describe('rooms', () => {
    test('all who watch see what the speaker is sent', async () => {
      const gateway = await start();
      const path = '/v1/rooms/main%20hall/captions';
      const viewers = await Promise.all(
        Array.from({ length: 20 }, () => watchRoom(gateway.streamUrl, path)),
      );
      const speaker = await connect(gateway);
      await speaker.start({ ...pcm, room: 'main hall' });
      await speaker.sendAudio(await jfkAs(), 3_200);
      await speaker.stop();
      const finals = speaker.all('final').map(({ seq }) => seq);
      for (const { seen } of viewers) {
        await expect
          .poll(() => seen.at(-1)?.type, { timeout: 20_000 })
          .toBe('transcription_stopped');
        expect(seen[0]?.type).toBe('snapshot');
        expect(seen.filter(({ type }) => type === 'final').map(({ seq }) => seq)).toEqual(finals);
      }
    });

    test('who is gone without a word is not kept a place, and who is there sees that we are', async () => {
      const gateway = await start({ pingIntervalMs: 1_000 });
      const watching = () => metric(gateway, 'room_viewers');
      const viewer = await watchRoom(gateway.streamUrl, '/v1/rooms/hall/captions');
      // Longer than whoever does not answer is waited for.
      const pongs = () => viewer.seen.filter(({ type }) => (type as string) === 'pong').length;
      await expect.poll(pongs).toBeGreaterThan(3);
      expect(await watching()).toBe('1');
      viewer.socket.pause();
      await expect.poll(watching).toBe('0');
    });

    test('who does not read is brought up to date later, and holds nobody back', async () => {
      const limits = { maxViewerUnreadBytes: 65_536, maxLagMs: 600_000 };
      const gateway = await start(limits, { engine: talkative() });
      const lazy = await watchRoom(gateway.streamUrl, '/v1/rooms/hall/captions');
      lazy.socket.pause();
      const speaker = await connect(gateway);
      await speaker.start({ ...pcm, room: 'hall', interim_results: false, endpoint_ms: 100 });
      const audio = await jfkAs();
      for (let clips = 0; clips < 100; clips++) {
        await speaker.sendAudio(audio, 64_000, pace);
        if ((await metric(gateway, 'viewers_lagging_total')) === '1') break;
      }
      await speaker.stop();
      checkSession(speaker);
      expect(await metric(gateway, 'viewers_lagging_total')).toBe('1');
      lazy.socket.resume();
      const snapshots = () => lazy.seen.filter(({ type }) => type === 'snapshot').length;
      await expect.poll(snapshots, { timeout: 20_000 }).toBe(2);
      expect(lazy.seen.filter(({ type }) => type === 'final').length).toBeLessThan(
        speaker.all('final').length,
      );
    });
  });
}
