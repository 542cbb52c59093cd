import { expect, test } from 'vitest';
import { checkSession } from '../support/check-session.js';
import { jfkAs, jfkMp3, jfkText } from '../support/jfk.js';
import { childrenRunning } from '../support/processes.js';
import { startGateway } from '../support/start-gateway.js';
import { StreamClient } from '../support/stream-client.js';
import { countErrors } from '../support/word-error-rate.js';

test('50 connections are served, the 51st is refused with its event and 4429', async () => {
  // Two minutes of audio at once may be more than the machine transcribes within the default.
  const gateway = await startGateway({ drainTimeoutMs: 600_000 });
  // His first five words.
  const seconds = '2.6';
  const pcm = await jfkAs('-t', seconds, '-f', 's16le', '-ar', '16000', '-ac', '1');
  const mp3 = await jfkAs('-t', seconds, '-f', 'mp3');
  const spoken = jfkText.slice(0, jfkText.indexOf(' ask'));
  const clients = await Promise.all(
    Array.from({ length: 50 }, () => StreamClient.connect(gateway.url)),
  );
  await Promise.all(
    clients.map((client, index) =>
      client.start({
        language: 'en',
        // Every second one has an ffmpeg child of its own.
        audio: { format: index % 2 ? 'auto' : 'pcm_s16le' },
        interim_results: false,
      }),
    ),
  );
  expect(gateway.health().sessions).toBe(50);

  const refused = await StreamClient.connect(gateway.url);
  await refused.close();
  expect(refused.closed).toEqual({ code: 4429, reason: 'too_many_connections' });
  expect(refused.events).toMatchObject([
    {
      type: 'transcription_failed',
      code: 'too_many_connections',
      fatal: true,
      retryable: true,
      retry_after_ms: expect.any(Number),
    },
  ]);

  await Promise.all(
    clients.map(async (client, index) => {
      await client.sendAudio(index % 2 ? mp3 : pcm);
      await client.stop();
    }),
  );
  for (const client of clients) {
    expect(client.closed).toEqual({ code: 1000, reason: 'client_stopped' });
    expect(countErrors(spoken, client.text).edits, client.text).toBeLessThanOrEqual(1);
    checkSession(client);
  }
  await expect.poll(() => gateway.health().sessions).toBe(0);
  expect(childrenRunning('ffmpeg')).toEqual([]);

  // A place that was given back can be taken again.
  await (await StreamClient.connect(gateway.url)).start();
}, 600_000);

test('10 streams with abrupt disconnects leave no child and no busy slot', async () => {
  const gateway = await startGateway();
  await Promise.all(
    Array.from({ length: 10 }, async (_, index) => {
      const client = await StreamClient.connect(gateway.url);
      await client.start({ language: 'en' });
      await client.sendAudio(jfkMp3.subarray(0, 20_000 + index * 8_000), 2_000);
      await client.next('speech_started');
      client.socket.terminate();
    }),
  );
  await expect.poll(() => gateway.health().sessions).toBe(0);
  await expect.poll(() => childrenRunning('ffmpeg')).toEqual([]);
  const active = async () =>
    /^whisper_gateway_slots_active (\d+)$/m.exec(
      await (await fetch(`${gateway.url}/metrics`)).text(),
    )?.[1];
  await expect.poll(active).toBe('0');
});

test('with a key set, every request has to carry it', async () => {
  const gateway = await startGateway({ apiKey: 'open sesame' });
  for (const path of ['/metrics', '/v1/stats', '/v1/models']) {
    expect((await fetch(gateway.url + path)).status).toBe(401);
  }
  const headers = { authorization: 'Bearer open sesame' };
  expect((await fetch(`${gateway.url}/v1/models`, { headers })).status).toBe(200);

  for (const path of ['/v1/stream', '/v1/stream?token=wrong']) {
    const refused = await StreamClient.connect(gateway.url, path);
    await refused.close();
    expect(refused.closed).toEqual({ code: 4401, reason: 'invalid_api_key' });
  }
  const encoded = Buffer.from('open sesame').toString('base64url');
  const byProtocol = await StreamClient.connect(gateway.url, '/v1/stream', ['bearer', encoded]);
  expect(byProtocol.socket.protocol).toBe('bearer');
  await byProtocol.start();
  await (await StreamClient.connect(gateway.url, '/v1/stream?token=open%20sesame')).start();
});

test('a sender faster than the engine is held back, and loses nothing', async () => {
  const gateway = await startGateway({ maxLagMs: 2_000, maxEarlyAudioBytes: 65_536 });
  const client = await StreamClient.connect(gateway.url);
  await client.start({ language: 'en', audio: { format: 'pcm_s16le' }, endpoint_ms: 200 });
  const pcm = await jfkAs();
  const repeats = 4;
  for (let repeat = 0; repeat < repeats; repeat++) await client.sendAudio(pcm, 64_000);
  await client.stop();
  const { ledger } = await client.next('transcription_stopped');
  expect(ledger).toMatchObject({ received_ms: repeats * 11_000, shed_ms: 0 });
  expect(client.text.match(/country/gi)?.length).toBe(2 * repeats);
  checkSession(client);
});
