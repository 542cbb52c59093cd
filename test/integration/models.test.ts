import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Gateway } from '../../src/gateway/index.js';
import type { Stats } from '../../src/http/index.js';
import { importModel } from '../../src/models/index.js';
import { jfkAs } from '../support/jfk.js';
import { modelPath } from '../support/native-engine.js';
import { eventually } from '../support/pool-events.js';
import { childrenRunning, isRunning } from '../support/processes.js';
import { expectEveryWord, speak } from '../support/speak.js';
import { startGateway } from '../support/start-gateway.js';
import { StreamClient } from '../support/stream-client.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { errorOf, jfkUpload, postForm } from '../support/upload.js';

/** What base takes with two slots: 82 MB of weights, and 240 MB for each slot. */
const baseBytes = 81_768_585 + 2 * 240_000_000;

/** A gateway whose folder has the embedded model under further names, and one that is cut off. */
function start(config: Parameters<typeof startGateway>[0] = {}): Promise<Gateway> {
  const modelsDir = temporaryFolder();
  for (const name of ['second', 'third']) {
    symlinkSync(modelPath, join(modelsDir, `ggml-${name}.bin`));
  }
  // What is left of a download is nothing that could be asked for.
  writeFileSync(join(modelsDir, 'ggml-tiny.bin'), readFileSync(modelPath).subarray(0, 1_000_000));
  // Loading takes its time on a machine that is slow, and nobody sends audio meanwhile.
  const patience = { idleTimeoutMs: 300_000, startTimeoutMs: 120_000 };
  // One thread a window: several that share busy cores with other programs may take a minute.
  return startGateway({ modelsDir, slots: 2, threadsPerSlot: 1, ...patience, ...config });
}

async function json<T>(url: string, init?: RequestInit): Promise<T> {
  return (await (await fetch(url, init)).json()) as T;
}

function stats({ url }: Gateway): Promise<Stats> {
  return json<Stats>(`${url}/v1/stats`);
}

async function loaded(gateway: Gateway): Promise<string[]> {
  return (await stats(gateway)).models.map(({ model }) => model);
}

function switchTo({ url }: Gateway, model: string): Promise<Response> {
  return fetch(`${url}/v1/admin/model`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model }),
  });
}

async function metric({ url }: Gateway, line: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const found = text.split('\n').find((each) => each.startsWith(`whisper_gateway_${line} `));
  return Number(found?.split(' ').at(-1));
}

/** Processes of ours that have a model loaded. */
function workers(): number[] {
  return childrenRunning('worker-main');
}

async function startSession(gateway: Gateway, model?: string) {
  const client = await StreamClient.connect(gateway.url);
  const started = await client.start({ audio: { format: 'pcm_s16le' }, ...(model && { model }) });
  return { client, started };
}

describe('a model that is not loaded', () => {
  test('is loaded for a session that asks for it, and its words arrive', async () => {
    const gateway = await start();
    expect(await loaded(gateway)).toEqual(['base-q8_0']);
    const client = await speak(gateway, () => {}, { model: 'second' });
    await expectEveryWord(client);
    const types = client.events.map(({ type }) => type).slice(0, 3);
    expect(types).toEqual([
      'transcription_starting',
      'model_loading_started',
      'transcription_started',
    ]);
    expect((await client.next('transcription_started')).model).toBe('second');
    expect(await loaded(gateway)).toEqual(['base-q8_0', 'second']);
    expect(await metric(gateway, 'model_loads_total{outcome="done"}')).toBe(2);
    expect(await metric(gateway, 'models_loaded')).toBe(2);
  });

  test('is loaded for an upload, once for two at the same time', async () => {
    const gateway = await start();
    const fields = [jfkUpload, ['model', 'second'], ['language', 'en']] as const;
    const answers = await Promise.all([postForm(gateway, fields), postForm(gateway, fields)]);
    for (const answer of answers) {
      expect(answer.status).toBe(200);
      expect(((await answer.json()) as { text: string }).text).toContain('fellow Americans');
    }
    expect(await metric(gateway, 'model_loads_total{outcome="done"}')).toBe(2);
    expect(workers()).toHaveLength(2);
  });

  test('and that nobody knows is refused with the names that there are', async () => {
    const gateway = await start();
    const client = await StreamClient.connect(gateway.url);
    client.send({ type: 'start_transcription', model: '../../elsewhere.bin' });
    await client.close();
    const failed = await client.next('transcription_failed');
    expect(failed).toMatchObject({ code: 'model_not_found', fatal: true });
    expect(failed.message).toContain('There are: base-q8_0, second, third, whisper-1.');
    expect(client.all('model_loading_started')).toEqual([]);

    const answer = await postForm(gateway, [jfkUpload, ['model', 'gpt-5']]);
    const error = errorOf({ body: await answer.text() });
    expect([answer.status, error.code, error.param]).toEqual([404, 'model_not_found', 'model']);
    expect(error.message).toContain('base-q8_0, second, third, whisper-1');
  });

  test('and cannot be, fails for who asked, and leaves everything else running', async () => {
    const gateway = await start({ modelsDir: await folderWithBrokenModel() });
    const client = await speak(gateway, async () => {
      const asked = await StreamClient.connect(gateway.url);
      asked.send({ type: 'start_transcription', model: 'changed' });
      await asked.close();
      const { code, fatal } = await asked.next('transcription_failed');
      expect([code, fatal]).toEqual(['model_corrupt', true]);
      const refused = await switchTo(gateway, 'changed');
      expect(await refused.json()).toMatchObject({ error: { code: 'model_corrupt' } });
    });
    await expectEveryWord(client);
    expect(await loaded(gateway)).toEqual(['base-q8_0']);
    expect(await metric(gateway, 'model_loads_total{outcome="model_corrupt"}')).toBe(2);
    expect(workers()).toHaveLength(1);
  });
});

/** A folder with a model that has changed since it was imported: only reading it can tell. */
async function folderWithBrokenModel(): Promise<string> {
  const modelsDir = temporaryFolder();
  const { path } = await importModel(modelPath, modelsDir, 'changed');
  const bytes = readFileSync(path);
  bytes.fill(0xff, bytes.length - 1_000);
  writeFileSync(path, bytes);
  return modelsDir;
}

describe('a hot switch', () => {
  test('in the middle of a session: it goes on with its model, which leaves with it', async () => {
    const gateway = await start();
    const [old] = workers();
    const client = await speak(gateway, async (running) => {
      const answer = await switchTo(gateway, 'second');
      expect([answer.status, await answer.json()]).toEqual([
        200,
        { model: 'second', previous: 'base-q8_0', took_ms: expect.any(Number) },
      ]);
      const other = await startSession(gateway);
      expect(other.started.model).toBe('second');
      expect(gateway.health()).toMatchObject({ model: 'second', status: 'ok', slots: 2 });
      expect(await stats(gateway)).toMatchObject({
        switches: 1,
        models: [
          { model: 'base-q8_0', default: false, users: 1 },
          { model: 'second', default: true, users: 1, state: 'loaded' },
        ],
      });
      expect(running.closed).toBeUndefined();
      expect(isRunning(old as number)).toBe(true);
      await other.client.stop();
    });
    await expectEveryWord(client);
    expect((await client.next('transcription_started')).model).toBe('base-q8_0');
    await eventually(() => isRunning(old as number)).toBe(false);
    expect(await loaded(gateway)).toEqual(['second']);
    expect(await metric(gateway, 'model_switches_total')).toBe(1);
    expect(await metric(gateway, 'model_switch_seconds_count')).toBe(1);
    expect(await metric(gateway, 'model_unloads_total{reason="switch"}')).toBe(1);
  });

  test('is refused for what is no model, and changes nothing', async () => {
    const gateway = await start();
    expect(errorOf({ body: await (await switchTo(gateway, 'gpt-5')).text() }).code).toBe(
      'model_not_found',
    );
    expect(errorOf({ body: await (await switchTo(gateway, '')).text() }).code).toBe('bad_field');
    expect([gateway.health().model, (await stats(gateway)).switches]).toEqual(['base-q8_0', 0]);
  });
});

test('a worker of one model that is killed costs the other model no word, and its own none', async () => {
  // Two at once on a machine that is slow.
  const gateway = await start({ liveTimeoutMs: 60_000, drainTimeoutMs: 120_000 });
  const [first] = workers();
  const onSecond = speak(
    gateway,
    () => {
      const [second] = workers().filter((pid) => pid !== first);
      process.kill(second as number, 'SIGKILL');
    },
    { model: 'second' },
  );
  const [second, other] = await Promise.all([onSecond, speak(gateway, () => {})]);
  await expectEveryWord(other);
  await expectEveryWord(second);
  expect(workers()).toContain(first);
  expect((await stats(gateway)).restarts).toBe(1);
});

test('a model that is idle is unloaded: its process ends, and the next one to ask has it again', async () => {
  const gateway = await start({ modelIdleMs: 300 });
  const [first] = workers();
  const { client } = await startSession(gateway, 'second');
  const [second] = workers().filter((pid) => pid !== first);
  await client.stop();
  await eventually(() => isRunning(second as number)).toBe(false);
  expect(workers()).toEqual([first]);
  await eventually(async () => (await stats(gateway)).memory.used_bytes).toBe(baseBytes);
  expect(await metric(gateway, 'model_unloads_total{reason="idle"}')).toBe(1);
  expect((await startSession(gateway, 'second')).started.model).toBe('second');
  expect(workers()).toHaveLength(2);
});

describe('the memory budget', () => {
  test('unloads what was idle longest, and refuses where everything is in use', async () => {
    const gateway = await start({ modelMemoryBytes: 2 * baseBytes + 1_000 });
    await (await startSession(gateway, 'second')).client.stop();
    await eventually(async () => (await stats(gateway)).models[1]?.users).toBe(0);
    const third = await startSession(gateway, 'third');
    expect(await loaded(gateway)).toEqual(['base-q8_0', 'third']);
    expect(await metric(gateway, 'model_unloads_total{reason="memory"}')).toBe(1);
    expect(workers()).toHaveLength(2);

    const refused = await StreamClient.connect(gateway.url);
    refused.send({ type: 'start_transcription', model: 'second' });
    await refused.close();
    expect(await refused.next('transcription_failed')).toMatchObject({
      code: 'memory_budget_exceeded',
      retryable: true,
      retry_after_ms: expect.any(Number),
    });
    expect(refused.closed?.code).toBe(4503);
    const upload = await postForm(gateway, [jfkUpload, ['model', 'second']]);
    expect([upload.status, Number(upload.headers.get('retry-after'))]).toEqual([503, 10]);

    await third.client.stop();
    await eventually(async () => (await stats(gateway)).models[1]?.users).toBe(0);
    expect((await startSession(gateway, 'second')).started.model).toBe('second');
  });

  test('is shared with voices, which make way and for which models do', async () => {
    const gateway = await start({ modelMemoryBytes: 2 * baseBytes + 50_000_000 });
    const speech = () =>
      fetch(`${gateway.url}/v1/audio/speech`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'tts-1', voice: 'alloy', input: 'Hello.' }),
      });
    const voices = async () => (await stats(gateway)).memory.voices;
    expect((await speech()).status).toBe(200);
    expect(await voices()).toEqual([{ model: 'espeak-ng', memory_bytes: 80_000_000 }]);
    // The voice makes way for a model.
    const { client } = await startSession(gateway, 'second');
    expect([await voices(), await loaded(gateway)]).toEqual([[], ['base-q8_0', 'second']]);
    const refused = await speech();
    expect([refused.status, errorOf({ body: await refused.text() }).code]).toEqual([
      503,
      'memory_budget_exceeded',
    ]);
    // And a model for the voice, once nobody uses it.
    await client.stop();
    await eventually(async () => (await stats(gateway)).models[1]?.users).toBe(0);
    expect((await speech()).status).toBe(200);
    expect(await loaded(gateway)).toEqual(['base-q8_0']);
  });
});

test('GET /v1/models lists what is here, what is loaded, and what it is for', async () => {
  const gateway = await start();
  await startSession(gateway, 'second');
  const { data } = await json<{ data: object[] }>(`${gateway.url}/v1/models`);
  const transcription = { object: 'model', owned_by: 'whisper-gateway', purpose: 'transcription' };
  expect(data).toMatchObject([
    { id: 'base-q8_0', ...transcription, loaded: true, default: true, languages: 99 },
    { id: 'second', ...transcription, loaded: true, default: false },
    { id: 'third', ...transcription, loaded: false, default: false },
    { id: 'whisper-1', alias_of: 'base-q8_0', loaded: true },
    { id: 'espeak-ng', purpose: 'speech', loaded: false, default: true },
    { id: 'tts-1', purpose: 'speech', alias_of: 'espeak-ng' },
  ]);
  await switchTo(gateway, 'third');
  expect(await json(`${gateway.url}/v1/models/whisper-1`)).toMatchObject({ alias_of: 'third' });
});

test('closing the gateway ends every model', async () => {
  const gateway = await start();
  const { client } = await startSession(gateway, 'second');
  await client.sendAudio(await jfkAs());
  expect(workers()).toHaveLength(2);
  await gateway.close();
  expect(workers()).toEqual([]);
});

describe('loading and unloading on request', () => {
  const ask = ({ url }: Gateway, model: string, verb: 'load' | 'unload') =>
    fetch(`${url}/v1/admin/models/${encodeURIComponent(model)}/${verb}`, { method: 'POST' });

  test('a model is there before anybody asks for it, and leaves when it is told to', async () => {
    const gateway = await start();
    const answer = await ask(gateway, 'second', 'load');
    expect([answer.status, await answer.json()]).toEqual([
      200,
      { model: 'second', took_ms: expect.any(Number) },
    ]);
    expect(await loaded(gateway)).toEqual(['base-q8_0', 'second']);
    const { client } = await startSession(gateway, 'second');
    const refused = await ask(gateway, 'second', 'unload');
    expect(refused.status).toBe(409);
    expect(await refused.json()).toMatchObject({
      error: { code: 'model_in_use', message: expect.stringContaining('use it (1)') },
    });
    await client.stop();
    const done = { model: 'second', unloaded: true };
    expect(await (await ask(gateway, 'second', 'unload')).json()).toEqual(done);
    expect(await loaded(gateway)).toEqual(['base-q8_0']);
    expect(workers()).toHaveLength(1);
    expect(await metric(gateway, 'model_unloads_total{reason="request"}')).toBe(1);
    const again = { model: 'second', unloaded: false };
    expect(await (await ask(gateway, 'second', 'unload')).json()).toEqual(again);
  });

  test('the default stays, and what is not there is not found', async () => {
    const gateway = await start();
    for (const name of ['base-q8_0', 'whisper-1']) {
      const refused = await ask(gateway, name, 'unload');
      expect(await refused.json()).toMatchObject({
        error: { code: 'model_in_use', message: expect.stringContaining('the default') },
      });
    }
    for (const verb of ['load', 'unload'] as const) {
      const refused = await ask(gateway, 'tiny', verb);
      expect([refused.status, await refused.json()]).toMatchObject([
        404,
        { error: { code: 'model_not_found' } },
      ]);
    }
  });
});
