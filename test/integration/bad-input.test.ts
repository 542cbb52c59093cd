import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import type { Gateway } from '../../src/gateway/index.js';
import { checkSession } from '../support/check-session.js';
import { jfkAs, jfkText } from '../support/jfk.js';
import { startGateway } from '../support/start-gateway.js';
import { StreamClient } from '../support/stream-client.js';
import { countErrors } from '../support/word-error-rate.js';

/** The gateway serves the next one as if nothing had happened, and holds nothing of the last one. */
async function expectHealthy(gateway: Gateway): Promise<void> {
  const client = await StreamClient.connect(gateway.url);
  await client.start({ language: 'en', audio: { format: 'pcm_s16le' } });
  await client.sendAudio(await jfkAs(), 8_000);
  await client.stop();
  expect(countErrors(jfkText, client.text).edits).toBeLessThanOrEqual(1);
  await expect.poll(() => gateway.health().sessions).toBe(0);
  const metrics = await (await fetch(`${gateway.url}/metrics`)).text();
  expect(metrics).toMatch(/^whisper_gateway_ffmpeg_children 0$/m);
  expect(metrics).toMatch(/^whisper_gateway_slots_active 0$/m);
}

test('text that is no message is a fatal bad_message and closes with 4400', async () => {
  const gateway = await startGateway();
  const client = await StreamClient.connect(gateway.url);
  client.socket.send('hello');
  expect(await client.next('transcription_failed')).toMatchObject({
    code: 'bad_message',
    fatal: true,
    retryable: false,
  });
  await client.close();
  expect(client.closed).toEqual({ code: 4400, reason: 'bad_message' });
  await expectHealthy(gateway);
});

test('a bad_message in a running session ends it with a ledger', async () => {
  const gateway = await startGateway();
  const client = await StreamClient.connect(gateway.url);
  await client.start({ audio: { format: 'pcm_s16le' } });
  await client.sendAudio(new Uint8Array(32_000));
  client.socket.send('[1]');
  await client.close();
  const failure = await client.next('transcription_failed');
  expect(failure).toMatchObject({ code: 'bad_message', fatal: true });
  expect(failure.ledger).toBeDefined();
  checkSession(client);
  await expectHealthy(gateway);
});

describe('refused, and nothing else happens', () => {
  test('an unknown type gets a warning, wrong fields and audio before the start a refusal', async () => {
    const gateway = await startGateway();
    const client = await StreamClient.connect(gateway.url);
    client.send({ type: 'dance' });
    client.send({ type: 'start_transcription', language: 7 });
    client.socket.send(new Uint8Array(320));
    client.send({ type: 'finalize' });
    client.send({ type: 'stop_transcription' });
    client.send({ type: 'start_transcription', resume: { session_id: 'x', last_seq: 1 } });
    await client.until(() => client.all('transcription_failed').length === 5);
    expect(client.all('warning')).toMatchObject([{ code: 'unknown_type' }]);
    expect(client.all('transcription_failed').map(({ code, fatal }) => [code, fatal])).toEqual([
      ['bad_field', false],
      ['not_started', false],
      ['not_started', false],
      ['not_started', false],
      ['resume_unknown', false],
    ]);
    // The session is as before: it can still be started.
    await client.start({ language: 'en', audio: { format: 'pcm_s16le' } });
    client.send({ type: 'configure', endpoint_ms: 'soon' });
    await client.sendAudio(await jfkAs());
    await client.stop();
    expect(countErrors(jfkText, client.text).edits).toBeLessThanOrEqual(1);
    checkSession(client);
    await expectHealthy(gateway);
  });

  test('an unknown language or container is named, and the session ends', async () => {
    const gateway = await startGateway();
    const client = await StreamClient.connect(gateway.url);
    client.send({ type: 'start_transcription', audio: { format: 'concat' } });
    expect(await client.next('transcription_failed')).toMatchObject({
      code: 'bad_field',
      fatal: true,
    });
    await client.close();
    await expectHealthy(gateway);
  });
});

describe('audio that is none', () => {
  const header = Buffer.from(
    '524946462400000057415645666d74201000000001000100803e0000007d0000020010006461746100000000',
    'hex',
  );

  test.each([
    ['a text file', Buffer.from('It was a dark and stormy night.\n'.repeat(500)), 'not_audio'],
    ['random bytes', randomBytes(200_000), 'not_audio'],
    ['a playlist', Buffer.from('#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n'), 'not_audio'],
  ])('%s closes with 1003', async (_, bytes, code) => {
    const gateway = await startGateway();
    const client = await StreamClient.connect(gateway.url);
    await client.start();
    await client.sendAudio(bytes);
    await client.stop();
    expect(await client.next('transcription_failed')).toMatchObject({ code, fatal: true });
    expect(client.closed).toEqual({ code: 1003, reason: code });
    checkSession(client);
    await expectHealthy(gateway);
  });

  test.each([
    ['nothing at all', Buffer.alloc(0)],
    ['a WAV header without samples', header],
  ])('%s is an empty transcript', async (_, bytes) => {
    const gateway = await startGateway();
    const client = await StreamClient.connect(gateway.url);
    await client.start();
    await client.sendAudio(bytes);
    await client.stop();
    expect(client.all('final')).toEqual([]);
    expect((await client.next('transcription_stopped')).ledger.received_ms).toBe(0);
    await expectHealthy(gateway);
  });

  test('a truncated webm gives what it holds', async () => {
    const webm = await jfkAs('-c:a', 'libopus', '-f', 'webm');
    const gateway = await startGateway();
    const client = await StreamClient.connect(gateway.url);
    await client.start({ language: 'en' });
    await client.sendAudio(webm.subarray(0, Math.floor(webm.length / 2)));
    await client.stop();
    expect(client.text).toMatch(/fellow americans/i);
    checkSession(client);
    await expectHealthy(gateway);
  });
});

describe('rude sockets', () => {
  test.each(['//', '/v1/stream/..', '/%', '/v1/stream#'])(
    'an upgrade to %s is refused, and nothing else happens',
    async (address) => {
      const gateway = await startGateway();
      const { port } = new URL(gateway.url);
      const socket = connect(Number(port), '127.0.0.1');
      const key = 'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==';
      socket.write(
        `GET ${address} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${key}\r\n\r\n`,
      );
      expect(await text(socket)).toMatch(/^HTTP\/1.1 404 /);
      expect(gateway.health().status).toBe('ok');
    },
  );

  test('a frame over the limit closes with 1009', async () => {
    const gateway = await startGateway({ maxFrameBytes: 10_000 });
    const client = await StreamClient.connect(gateway.url);
    await client.start({ audio: { format: 'pcm_s16le' } });
    client.socket.send(new Uint8Array(10_001));
    await client.close();
    expect(client.closed?.code).toBe(1009);
    await expectHealthy(gateway);
  });

  test('a socket that is killed in the middle of a frame leaves nothing', async () => {
    const gateway = await startGateway();
    const client = await StreamClient.connect(gateway.url);
    await client.start();
    // The header of a masked binary frame of 1000 bytes, and three of them.
    const raw = (client.socket as unknown as { _socket: import('node:net').Socket })._socket;
    raw.write(Buffer.from([0x82, 0xfe, 0x03, 0xe8, 1, 2, 3, 4, 5, 6, 7]));
    raw.destroy();
    await expectHealthy(gateway);
  });

  test('a client that never reads is dropped once its limit is passed', async () => {
    const gateway = await startGateway({ maxUnreadBytes: 65_536 });
    const client = await StreamClient.connect(gateway.url);
    await client.start({ audio: { format: 'pcm_s16le' } });
    client.socket.pause();
    const ping = JSON.stringify({ type: 'ping', id: 'x'.repeat(200) });
    // Kernel buffers on both ends fill first; the bound only keeps a broken gateway from hanging us.
    for (let sent = 0; sent < 400 && gateway.health().sessions > 0; sent++) {
      for (let i = 0; i < 500; i++) client.socket.send(ping);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await expect.poll(() => gateway.health().sessions, { timeout: 10_000 }).toBe(0);
    await expectHealthy(gateway);
  });

  test('a client that sends nothing is closed with 4408', async () => {
    const gateway = await startGateway({ idleTimeoutMs: 1_000 });
    const client = await StreamClient.connect(gateway.url);
    await client.close();
    expect(client.closed).toEqual({ code: 4408, reason: 'idle_timeout' });
    await expectHealthy(gateway);
  });
});
