import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { type Script, ScriptedEngine, spokenThrough } from '../../src/engine/index.js';
import { GatewayError } from '../../src/errors/index.js';
import { jfkAs, jfkMp3 } from '../support/jfk.js';
import { createJob, endedJob } from '../support/jobs-client.js';
import { readMetrics } from '../support/read-metrics.js';
import { startGateway } from '../support/start-gateway.js';
import { StreamClient } from '../support/stream-client.js';

const metric = (name: string) => `whisper_gateway_${name}`;

function start(script: Script, config: Parameters<typeof startGateway>[0] = {}) {
  return startGateway(config, { engine: new ScriptedEngine({ script, slots: 2 }) });
}

/** Streams the clip in its own time, or faster. */
async function stream(url: string, fields: object = {}, bytesPerSecond = 0) {
  const client = await StreamClient.connect(url);
  await client.start({ audio: { format: 'pcm_s16le' }, language: 'en', ...fields });
  await client.sendAudio(await jfkAs(), 3_200, bytesPerSecond);
  return client;
}

test('a stream moves what is measured of streams', async () => {
  const { url } = await startGateway();
  const before = await readMetrics(url);
  const client = await stream(url, {}, 64_000);
  await client.until(() => client.all('partial').length > 1);
  const during = await readMetrics(url);
  await client.stop();
  const after = await readMetrics(url);

  expect(before.get(metric('ready'))).toBe(1);
  expect(before.get(metric('sessions_max'))).toBe(50);
  for (const worker of ['inference', 'voice_activity']) {
    expect(before.get(metric(`workers{worker="${worker}"}`))).toBe(1);
    expect(before.get(metric(`worker_restarts_total{worker="${worker}"}`))).toBe(0);
  }
  expect(during.get(metric('lag_seconds{quantile="1"}'))).toBeGreaterThan(0);
  expect(after.get(metric('lag_seconds{quantile="1"}'))).toBe(0);
  expect(after.get(metric('device_memory_used_bytes{device="cpu"}'))).toBeGreaterThan(0);
  expect(after.get(metric('slots'))).toBeGreaterThan(0);
  for (const histogram of [
    'emission_seconds_count',
    'final_seconds_count',
    'decode_seconds_count',
    'queue_wait_seconds_count{lane="final"}',
    'inference_seconds_count{lane="final"}',
  ]) {
    expect(after.get(metric(histogram)), histogram).toBeGreaterThan(
      before.get(metric(histogram)) ?? 0,
    );
  }
  expect(after.get(metric('audio_received_seconds_total'))).toBe(11);
});

test('ffmpeg is a child while it runs', async () => {
  const { url } = await start((window) => spokenThrough(window, 'hello'));
  const client = await StreamClient.connect(url);
  await client.start({ audio: { format: 'mp3' } });
  await client.sendAudio(jfkMp3.subarray(0, jfkMp3.length / 2));
  await client.next('speech_started');
  expect((await readMetrics(url)).get(metric('ffmpeg_children'))).toBe(1);
  await client.sendAudio(jfkMp3.subarray(jfkMp3.length / 2));
  await client.stop();
  const after = await readMetrics(url);
  expect(after.get(metric('ffmpeg_children'))).toBe(0);
  expect(after.get(metric('decode_seconds_count'))).toBeGreaterThan(0);
});

test('words that are taken back are counted, by whether they were committed', async () => {
  const { url } = await start((window, index) =>
    spokenThrough(window, window.lane === 'final' ? 'these are not' : `these were ${index}`),
  );
  const client = await stream(url, { stable_finals: false }, 64_000);
  await client.stop();
  const after = await readMetrics(url);
  expect(after.get(metric('retractions_total{kind="tentative"}'))).toBeGreaterThan(0);
  expect(after.get(metric('retractions_total{kind="committed"}'))).toBeGreaterThan(0);
});

test('tries that run out of memory, and audio that is shed in the end, are counted at once', async () => {
  const { url } = await start((window) =>
    window.lane === 'final'
      ? new GatewayError('engine_out_of_memory')
      : spokenThrough(window, 'hello'),
  );
  const client = await stream(url);
  await client.until(() => client.all('warning').length > 0);
  const during = await readMetrics(url);
  expect(during.get(metric('sheds_total{code="engine_out_of_memory"}'))).toBeGreaterThan(0);
  expect(during.get(metric('oom_errors_total{lane="final"}'))).toBeGreaterThan(1);
  const retries = metric('retries_total{lane="final",code="engine_out_of_memory"}');
  expect(during.get(retries)).toBeGreaterThan(0);
  await client.stop();
  const after = await readMetrics(url);
  const shed = metric('audio_shed_seconds_total{code="engine_out_of_memory"}');
  expect(after.get(shed)).toBeGreaterThan(1);
});

test('jobs, their webhooks and requests are counted', async () => {
  const receiver = createServer((_, response) => response.end());
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    receiver.closeAllConnections();
    receiver.close();
  });
  const { url } = await start((window) => spokenThrough(window, 'hello'), {
    webhookSecret: 'a secret of ours',
    webhookPrivateAddresses: 'allow',
  });
  const before = await readMetrics(url);
  expect(before.get(metric('webhooks_total{outcome="delivered"}'))).toBe(0);
  const hook = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`;
  const job = await createJob(url, { name: 'jfk.mp3', bytes: jfkMp3 }, { webhook_url: hook });
  await endedJob(url, job.id);
  const delivered = async () =>
    (await readMetrics(url)).get(metric('webhooks_total{outcome="delivered"}'));
  await expect.poll(delivered, { timeout: 20_000 }).toBe(1);
  const after = await readMetrics(url);
  const posted = metric('http_requests_total{method="POST",route="/v1/jobs",status="201"}');
  expect(after.get(posted)).toBe(1);
  expect(after.get(metric('queue_wait_seconds_count{lane="batch"}'))).toBeGreaterThan(0);
  expect(after.get(metric('jobs_total{state="succeeded"}'))).toBe(1);
});
