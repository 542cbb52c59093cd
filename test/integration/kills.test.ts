import { expect, test } from 'vitest';
import { checkSession } from '../support/check-session.js';
import { jfkAs, jfkMp3, jfkText } from '../support/jfk.js';
import { childrenRunning } from '../support/processes.js';
import { startGateway } from '../support/start-gateway.js';
import { StreamClient } from '../support/stream-client.js';
import { countErrors } from '../support/word-error-rate.js';

const pcmBytesPerSecond = 32_000;

test('kill -9 on the inference worker in the middle of a stream costs no word', async () => {
  const gateway = await startGateway();
  const client = await StreamClient.connect(gateway.url);
  await client.start({ language: 'en', audio: { format: 'pcm_s16le' } });
  const sent = client.sendAudio(await jfkAs(), 3_200, pcmBytesPerSecond);
  for (let kills = 1; kills <= 3; kills++) {
    // On a slow machine fewer partials than this may come before the audio is over.
    await Promise.race([sent, client.until(() => client.all('partial').length >= 2 * kills)]);
    const [worker] = childrenRunning('worker-main');
    if (worker) process.kill(worker, 'SIGKILL');
  }
  await sent;
  await client.stop();

  expect(countErrors(jfkText, client.text).edits).toBeLessThanOrEqual(1);
  expect((await client.next('transcription_stopped')).ledger.shed_ms).toBe(0);
  checkSession(client);
  const metrics = await (await fetch(`${gateway.url}/metrics`)).text();
  expect(metrics).toMatch(/worker_restarts_total\{worker="inference"\} [1-3]/);
});

test('kill -9 on the voice activity process in the middle of a stream costs no word', async () => {
  const gateway = await startGateway();
  const client = await StreamClient.connect(gateway.url);
  await client.start({ language: 'en', audio: { format: 'pcm_s16le' } });
  const sent = client.sendAudio(await jfkAs(), 3_200, pcmBytesPerSecond);
  await client.until(() => client.all('partial').length >= 3);
  for (const pid of childrenRunning('voice-activity-main')) process.kill(pid, 'SIGKILL');
  await sent;
  await client.stop();

  expect(countErrors(jfkText, client.text).edits).toBeLessThanOrEqual(2);
  expect((await client.next('transcription_stopped')).ledger).toMatchObject({
    received_ms: 11_000,
    shed_ms: 0,
  });
  checkSession(client);
});

test('kill -9 on the ffmpeg of one session fails that session alone', async () => {
  const gateway = await startGateway();
  const victim = await StreamClient.connect(gateway.url);
  await victim.start({ language: 'en' });
  const half = Math.floor(jfkMp3.length / 2);
  await victim.sendAudio(jfkMp3.subarray(0, half));
  await victim.next('speech_started');
  const [ffmpeg] = childrenRunning('ffmpeg');
  const bystander = await StreamClient.connect(gateway.url);
  await bystander.start({ language: 'en' });

  process.kill(ffmpeg as number, 'SIGKILL');
  await bystander.sendAudio(jfkMp3);
  await Promise.all([victim.close(), bystander.stop()]);

  const failure = await victim.next('transcription_failed');
  expect(failure).toMatchObject({ code: 'decoder_crashed', fatal: true });
  expect(victim.closed).toEqual({ code: 1011, reason: 'decoder_crashed' });
  checkSession(victim);
  expect(countErrors(jfkText, bystander.text).edits).toBeLessThanOrEqual(1);
  checkSession(bystander);
  await expect.poll(() => childrenRunning('ffmpeg')).toEqual([]);
});

test('closing the gateway finishes what was heard and closes with 1001', async () => {
  const gateway = await startGateway({ shutdownTimeoutMs: 30_000 });
  const client = await StreamClient.connect(gateway.url);
  await client.start({ language: 'en', audio: { format: 'pcm_s16le' } });
  await client.sendAudio(await jfkAs());
  await client.next('speech_started');
  await gateway.close();
  await client.close();
  expect(client.closed).toEqual({ code: 1001, reason: 'server_draining' });
  expect((await client.next('transcription_stopped')).ledger.shed_ms).toBe(0);
  checkSession(client);
  expect(childrenRunning('')).toEqual([]);
});
