import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../../src/config/index.js';
import { checkSession } from '../support/check-session.js';
import { jfkAs, jfkPath, jfkText } from '../support/jfk.js';
import { createJob, endedJob } from '../support/jobs-client.js';
import { StreamClient } from '../support/stream-client.js';
import { countErrors } from '../support/word-error-rate.js';
import { startGatewayProcess } from './gateway-process.js';

const fixture = (name: string) => join(packageRoot, 'test/fixtures', name);

test('the clock is set back and forth under a live stream and a job, and nothing notices', async () => {
  const gateway = await startGatewayProcess({}, [fixture('jumping-clock.mjs')]);
  const pcm = await jfkAs();
  const client = await StreamClient.connect(gateway.url);
  await client.start({ language: 'en', audio: { format: 'pcm_s16le' }, resumable: true });
  const { id } = await createJob(gateway.url, { name: 'a.mp3', bytes: readFileSync(jfkPath) });
  const pieces = 8;
  const size = Math.ceil(pcm.length / pieces / 2) * 2;
  for (let piece = 0; piece < pieces; piece++) {
    await client.sendAudio(pcm.subarray(piece * size, (piece + 1) * size), 6_400, 64_000);
    process.kill(gateway.pid, 'SIGUSR2');
  }
  await client.stop();
  checkSession(client);
  const { ledger, reason } = await client.next('transcription_stopped');
  expect([reason, ledger.received_ms, ledger.shed]).toEqual(['client_stopped', 11_000, []]);
  expect(countErrors(jfkText, client.text).edits, client.text).toBeLessThanOrEqual(1);
  expect(client.all('warning')).toEqual([]);
  expect((await endedJob(gateway.url, id)).state).toBe('succeeded');
  expect(await gateway.stop()).toBe(0);
});

test('a slow disk slows uploads down, and no live stream', async () => {
  const gateway = await startGatewayProcess({ SLOW_DISK_MS: '400' }, [fixture('slow-disk.mjs')]);
  const jobs = Array.from({ length: 4 }, () =>
    createJob(gateway.url, { name: 'a.mp3', bytes: readFileSync(jfkPath) }),
  );
  const client = await StreamClient.connect(gateway.url);
  await client.start({ language: 'en', audio: { format: 'pcm_s16le' } });
  await client.sendAudio(await jfkAs(), 6_400, 64_000);
  await client.stop();
  checkSession(client);
  const { ledger } = await client.next('transcription_stopped');
  expect([ledger.received_ms, ledger.shed]).toEqual([11_000, []]);
  expect(countErrors(jfkText, client.text).edits, client.text).toBeLessThanOrEqual(1);
  for (const job of jobs) {
    const { id } = await job;
    expect((await endedJob(gateway.url, id)).state).toBe('succeeded');
  }
  expect(await gateway.stop()).toBe(0);
});
