import { readdirSync, symlinkSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Stats } from '../../src/http/index.js';
import { jfkAs, jfkMp3, jfkText } from '../support/jfk.js';
import {
  createJob,
  endedJob,
  eventsOf,
  getJob,
  jobIn,
  type NamedFile,
  postJobs,
  resultOf,
} from '../support/jobs-client.js';
import { startKillable } from '../support/killable-gateway.js';
import { modelPath } from '../support/native-engine.js';
import { startGateway } from '../support/start-gateway.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { jfkUpload, postForm } from '../support/upload.js';
import { countErrors } from '../support/word-error-rate.js';

/** For what a busy machine may take its time with. */
const patiently = { timeout: 30_000 };
const clip = { name: 'jfk.mp3', bytes: jfkMp3 };

/** What base takes with two slots: 82 MB of weights, and 240 MB for each slot. */
const baseBytes = 81_768_585 + 2 * 240_000_000;

/** A folder in which the embedded model has a second name. */
function folderOfModels(): string {
  const folder = temporaryFolder();
  symlinkSync(modelPath, join(folder, 'ggml-second.bin'));
  return folder;
}

/** Ten minutes: of a length that no test waits for. */
async function longRecording(): Promise<NamedFile> {
  const bytes = await jfkAs('-ar', '8000', '-f', 'wav', '-af', 'aloop=loop=54:size=484000');
  return { name: 'long.wav', bytes };
}

async function users(url: string, name: string): Promise<number | undefined> {
  const stats = (await (await fetch(`${url}/v1/stats`)).json()) as Stats;
  return stats.models.find(({ model }) => model === name)?.users;
}

async function cancel(url: string, id: string): Promise<void> {
  expect((await fetch(`${url}/v1/jobs/${id}/cancel`, { method: 'POST' })).status).toBe(200);
}

test('the model that a job names is loaded for it, and kept for as long as it runs', async () => {
  const { url } = await startGateway({ modelsDir: folderOfModels(), slots: 2 });
  const { id } = await createJob(url, clip, { model: 'second', language: 'en' });
  await expect.poll(() => users(url, 'second'), patiently).toBe(1);
  expect(await endedJob(url, id)).toMatchObject({
    state: 'succeeded',
    model: 'second',
    options: { model: 'second' },
  });
  await expect.poll(() => users(url, 'second'), patiently).toBe(0);
  expect(countErrors(jfkText, await resultOf(url, id)).edits).toBeLessThanOrEqual(2);

  const other = await createJob(url, clip, { language: 'en' });
  expect(await endedJob(url, other.id)).toMatchObject({
    model: 'base-q8_0',
    options: { model: 'whisper-1' },
  });
});

test('a model that is not there is refused as transcriptions refuse it, and nothing is kept', async () => {
  const dataDir = temporaryFolder();
  const gateway = await startGateway({ modelsDir: folderOfModels(), dataDir });
  const refused = await postJobs(gateway.url, [clip], { model: 'gpt-5' });
  const transcription = await postForm(gateway, [jfkUpload, ['model', 'gpt-5']]);
  expect(refused.status).toBe(404);
  expect(await refused.json()).toEqual(await transcription.json());
  expect(readdirSync(join(dataDir, 'uploads'))).toEqual([]);
  const list = await (await fetch(`${gateway.url}/v1/jobs`)).json();
  expect(list).toMatchObject({ data: [] });
});

test('a job whose model has gone when its turn comes fails with that, and only that one', async () => {
  const modelsDir = folderOfModels();
  const { url } = await startGateway({ modelsDir, jobsConcurrency: 1 });
  const before = await createJob(url, await longRecording(), { language: 'en' });
  const orphan = await createJob(url, clip, { model: 'second' });
  const after = await createJob(url, clip, { language: 'en' });
  unlinkSync(join(modelsDir, 'ggml-second.bin'));
  await cancel(url, before.id);
  const failed = await endedJob(url, orphan.id);
  expect(failed).toMatchObject({
    state: 'failed',
    model: null,
    error: { code: 'model_not_found', message: expect.stringContaining('no model "second"') },
  });
  expect((await endedJob(url, after.id)).state).toBe('succeeded');

  // Where it is there again, so is the job.
  symlinkSync(modelPath, join(modelsDir, 'ggml-second.bin'));
  await fetch(`${url}/v1/jobs/${orphan.id}/retry`, { method: 'POST' });
  expect(await endedJob(url, orphan.id)).toMatchObject({ state: 'succeeded', model: 'second' });
});

test('a job goes on with the model that it was begun with; one that has not begun gets the default of now', async () => {
  const dataDir = temporaryFolder();
  const start = (model: string) =>
    startKillable(
      dataDir,
      'native',
      ...['MAX_WINDOW_MS=8000', 'JOBS_CONCURRENCY=1', `MODELS_DIR=${modelsDir}`, `MODEL=${model}`],
    );
  const modelsDir = folderOfModels();
  const first = await start('base-q8_0');
  const wav = await jfkAs('-ar', '16000', '-f', 'wav', '-af', 'aloop=loop=3:size=484000');
  const begun = await createJob(first.url, { name: 'a.wav', bytes: wav }, { language: 'en' });
  const waiting = await createJob(first.url, clip, { language: 'en' });
  for await (const { data } of eventsOf(`${first.url}/v1/jobs/${begun.id}/events`)) {
    if ((data as typeof begun).progress.done_seconds > 0) break;
  }
  expect((await getJob(first.url, begun.id)).model).toBe('base-q8_0');
  await first.kill();

  const { url } = await start('second');
  expect(await endedJob(url, begun.id)).toMatchObject({
    state: 'succeeded',
    starts: 2,
    model: 'base-q8_0',
  });
  expect(await endedJob(url, waiting.id)).toMatchObject({ state: 'succeeded', model: 'second' });
});

test('a job waits for the memory of a model that another one uses', async () => {
  const gateway = await startGateway({
    modelsDir: folderOfModels(),
    slots: 2,
    modelMemoryBytes: 2 * baseBytes - 1,
    keepDefaultModel: 'while_used',
  });
  const { url } = gateway;
  const long = await createJob(url, await longRecording(), { language: 'en' });
  await expect.poll(() => users(url, 'base-q8_0'), patiently).toBe(1);
  // Somebody who waits for the answer is told to come again.
  const refused = await postForm(gateway, [jfkUpload, ['model', 'second']]);
  expect([refused.status, await refused.json()]).toMatchObject([
    503,
    { error: { code: 'memory_budget_exceeded' } },
  ]);
  const { id } = await createJob(url, clip, { model: 'second', language: 'en' });
  await jobIn(url, id, 'running');
  await expect
    .poll(async () => (await getJob(url, id)).progress.total_seconds, patiently)
    .toBeCloseTo(11, 0);
  expect(await getJob(url, id)).toMatchObject({ state: 'running', model: null });
  await cancel(url, long.id);
  expect(await endedJob(url, id)).toMatchObject({ state: 'succeeded', model: 'second' });
});
