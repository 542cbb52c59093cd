import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { concatPcm } from '../../src/audio/index.js';
import type { Engine } from '../../src/engine/index.js';
import type { GatewayError } from '../../src/errors/index.js';
import { createScheduler } from '../../src/scheduler/index.js';
import { audioWindow, decodeOptions } from '../support/audio-window.js';
import { jfkText } from '../support/jfk.js';
import { jfkSamples } from '../support/jfk-samples.js';
import { addonPath, modelPath, startWorkerPool } from '../support/native-engine.js';
import { isRunning } from '../support/processes.js';
import { schedulerOptions } from '../support/scheduler-options.js';
import { tokens } from '../support/word-error-rate.js';

const never = new AbortController().signal;
const short = audioWindow({ pcm: jfkSamples.subarray(0, 40_000), options: { audioContext: 300 } });
const long = audioWindow({ pcm: jfkSamples });
/** So much work that no machine is done before it is interrupted. */
const endless = audioWindow({
  pcm: concatPcm([jfkSamples, jfkSamples, jfkSamples]).subarray(0, 480_000),
  options: { beamSize: 8 },
});

async function textOf(engine: Engine, window = short): Promise<string> {
  const { segments } = await engine.transcribe(window, never);
  return segments.map(({ text }) => text).join('');
}

function failure(promise: Promise<unknown>): Promise<GatewayError> {
  return promise.then(
    () => expect.fail('It settled without an error.'),
    (error: GatewayError) => error,
  );
}

function pidOf(pool: { workerPids: readonly number[] }): number {
  expect(pool.workerPids).toHaveLength(1);
  return pool.workerPids[0] as number;
}

/** Resolves when a process has ended, reaped or not; the test's own timeout bounds it. */
async function ended(pid: number): Promise<void> {
  const state = async () => {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ') gone');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[0];
  };
  while (!['gone', 'Z', 'X'].includes((await state()) ?? '')) await delay(20);
}

function pathOf(relative: string): string {
  return fileURLToPath(new URL(relative, import.meta.url));
}

describe('a pool of real workers', () => {
  test('transcribes', async () => {
    const pool = await startWorkerPool();
    expect(tokens(await textOf(pool, long))).toEqual(tokens(jfkText));
    expect(pool.info).toEqual({ model: 'base-q8_0', device: 'cpu', backend: 'cpu' });
    expect(pool.whisperVersion).toMatch(/^\d+\.\d+\.\d+/);
  });

  test('detects the language', async () => {
    const pool = await startWorkerPool();
    const window = audioWindow({ pcm: jfkSamples, options: { language: 'auto' } });
    const { language, languageProbability } = await pool.transcribe(window, never);
    expect(language).toBe('en');
    expect(languageProbability).toBeGreaterThan(0.5);
    expect(languageProbability).toBeLessThan(1);
  });

  test('refuses a language that the model does not know, and goes on', async () => {
    const pool = await startWorkerPool();
    const window = audioWindow({ options: { language: 'klingon' } });
    expect((await failure(pool.transcribe(window, never))).code).toBe('unknown_language');
    expect(await textOf(pool)).toContain('fellow Americans');
  });

  test('passes the log lines of whisper.cpp on', async () => {
    const lines: string[] = [];
    await startWorkerPool({ onLog: (_, line) => lines.push(line) });
    expect(lines.join('\n')).toContain('whisper_model_load');
  });

  test('ends its worker when it is closed', async () => {
    const pool = await startWorkerPool();
    const pid = pidOf(pool);
    await pool.close();
    expect(isRunning(pid)).toBe(false);
    expect(pool.workerPids).toEqual([]);
  });
});

describe('a worker that is killed', () => {
  /** A pool, and a promise of its first restart. */
  async function startWatchedPool() {
    let onRestart = () => {};
    const restarting = new Promise<void>((resolve) => {
      onRestart = resolve;
    });
    return { pool: await startWorkerPool({ hooks: { onRestart } }), restarting };
  }

  test('in the middle of a window rejects it; a fresh one serves the next', async () => {
    const reasons: string[] = [];
    const pool = await startWorkerPool({ hooks: { onRestart: ({ code }) => reasons.push(code) } });
    const first = pidOf(pool);
    const died = failure(pool.transcribe(endless, never));
    await delay(200);
    process.kill(first, 'SIGKILL');
    const error = await died;
    expect(error.code).toBe('engine_died');
    expect((error.cause as Error).message).toContain('SIGKILL');
    expect(pool.ready).toBe(false);

    // No waiting here: the window waits for the worker.
    expect(await textOf(pool)).toContain('fellow Americans');
    expect(pool.ready).toBe(true);
    expect(pidOf(pool)).not.toBe(first);
    expect(pool.restarts).toBe(1);
    expect(reasons).toEqual(['engine_died']);
  });

  test('costs a final nothing but time: the scheduler tries it again on the fresh worker', async () => {
    const { pool, restarting } = await startWatchedPool();
    const retried: string[] = [];
    const hooks = { onRetry: ({ code }: { code: string }) => retried.push(code) };
    const scheduler = createScheduler({ ...schedulerOptions, engine: pool, hooks });
    const said = scheduler.submit({ window: long });
    await delay(100);
    process.kill(pidOf(pool), 'SIGKILL');
    await restarting;
    const { segments } = await said;
    expect(tokens(segments.map(({ text }) => text).join(''))).toEqual(tokens(jfkText));
    expect(retried).toEqual(['engine_died']);
    await scheduler.close();
  });

  test('while idle is replaced as well', async () => {
    const { pool, restarting } = await startWatchedPool();
    process.kill(pidOf(pool), 'SIGKILL');
    await restarting;
    expect(await textOf(pool)).toContain('fellow Americans');
    expect(pool.restarts).toBe(1);
  });

  test('takes every window with it that it worked on, and each of them only', async () => {
    const pool = await startWorkerPool({ slots: 2 });
    const died = [
      failure(pool.transcribe(endless, never)),
      failure(pool.transcribe(endless, never)),
    ];
    await delay(200);
    process.kill(pidOf(pool), 'SIGKILL');
    expect((await Promise.all(died)).map(({ code }) => code)).toEqual([
      'engine_died',
      'engine_died',
    ]);
    const both = await Promise.all([textOf(pool), textOf(pool)]);
    expect(both[0]).toBe(both[1]);
  });

  test('is not waited for by a window that was cancelled, nor by a pool that is closed', async () => {
    const { pool, restarting } = await startWatchedPool();
    process.kill(pidOf(pool), 'SIGKILL');
    await restarting;
    const controller = new AbortController();
    const cancelled = failure(pool.transcribe(short, controller.signal));
    controller.abort();
    expect((await cancelled).code).toBe('cancelled');
    const closed = failure(pool.transcribe(short, never));
    await pool.close();
    expect((await closed).code).toBe('engine_unavailable');
    expect(pool.workerPids).toEqual([]);
  });
});

describe('a worker that hangs', () => {
  test('is replaced, and its window hears of the timeout', async () => {
    const pool = await startWorkerPool({ liveTimeoutMs: 3_000, abortTimeoutMs: 1_000 });
    const first = pidOf(pool);
    process.kill(first, 'SIGSTOP');
    expect((await failure(pool.transcribe(short, never))).code).toBe('engine_timeout');
    expect(isRunning(first)).toBe(false);
    expect(await textOf(pool)).toContain('fellow Americans');
    expect(pool.restarts).toBe(1);
  });

  test('is waited for twice as long at each try, since it may only be slow', async () => {
    const pool = await startWorkerPool({ liveTimeoutMs: 500, threads: 1 });
    const full = { ...short, options: { ...short.options, audioContext: 0 } };
    expect((await failure(pool.transcribe(full, never))).code).toBe('engine_timeout');
    const { segments } = await pool.transcribe({ ...full, failures: 6 }, never);
    expect(segments.length).toBeGreaterThan(0);
    expect(pool.restarts).toBe(0);
  });
});

describe('a worker that cannot start', () => {
  async function folder(): Promise<string> {
    const path = await mkdtemp(join(tmpdir(), 'worker-pool-'));
    onTestFinished(() => rm(path, { recursive: true }));
    return path;
  }

  test('for want of a model', async () => {
    const error = await failure(startWorkerPool({ modelPath: join(await folder(), 'none.bin') }));
    expect(error.code).toBe('model_not_found');
  });

  test('for a file that is no model', async () => {
    const path = join(await folder(), 'text.bin');
    await writeFile(path, 'This is no model.'.repeat(1_000));
    expect((await failure(startWorkerPool({ modelPath: path }))).code).toBe('model_corrupt');
  });

  test('for a model that was cut off', async () => {
    const path = join(await folder(), 'cut.bin');
    await copyFile(modelPath, path);
    await truncate(path, 40_000_000);
    expect((await failure(startWorkerPool({ modelPath: path }))).code).toBe('model_corrupt');
  });

  test('for want of the addon, or of one that can be loaded', async () => {
    const path = join(await folder(), 'addon.node');
    expect((await failure(startWorkerPool({ addonPath: path }))).code).toBe('backend_unavailable');
    await writeFile(path, 'This is no library.');
    const error = await failure(startWorkerPool({ addonPath: path }));
    expect(error.code).toBe('backend_unavailable');
    expect((error.cause as Error).message).toContain('addon.node');
  });

  test('for want of the GPU it was given', async () => {
    const error = await failure(startWorkerPool({ gpu: 99 }));
    expect(error.code).toBe('backend_unavailable');
    expect((error.cause as Error).message).toContain('There is no GPU 99.');
  });

  test('in time', async () => {
    const error = await failure(startWorkerPool({ startTimeoutMs: 1 }));
    expect(error.code).toBe('model_load_failed');
  });
});

describe('signals and parents', () => {
  test('a signal to the whole group leaves the end of the worker to its parent', async () => {
    const pool = await startWorkerPool();
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.kill(pidOf(pool), signal);
    }
    expect(await textOf(pool)).toContain('fellow Americans');
    expect(pool.restarts).toBe(0);
  });

  const setup = {
    addonPath,
    modelPath,
    gpu: null,
    flashAttention: false,
    slots: 1,
    threads: 1,
    cores: 1,
  };
  const call = { lane: 'final', samples: 480_000, options: { ...decodeOptions, beamSize: 8 } };
  test.each([
    ['a worker in the middle of a window', '../../dist/engine/worker-main.js'],
    ['a process that hangs', '../fixtures/crashing-never-ends.mjs'],
  ])('%s leaves by itself when its parent was killed', async (_, entry) => {
    const script = pathOf('../fixtures/crashing-parent.mjs');
    const args = [script, pathOf(entry), JSON.stringify(setup), JSON.stringify(call)];
    const parent = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    onTestFinished(() => void parent.kill('SIGKILL'));
    const [line] = await once(parent.stdout, 'data');
    const child = Number(line);
    onTestFinished(() => {
      if (isRunning(child)) process.kill(child, 'SIGKILL');
    });
    expect(isRunning(child)).toBe(true);
    parent.kill('SIGKILL');
    await ended(child);
  });

  test('a worker that is started by hand says so and leaves', async () => {
    const entry = pathOf('../../dist/engine/worker-main.js');
    const child = spawn(process.execPath, [entry], { stdio: ['ignore', 'ignore', 'pipe'] });
    const words = once(child.stderr, 'data');
    const [code] = await once(child, 'exit');
    expect(code).toBe(41);
    expect(String(await words)).toContain('started by the gateway');
  });
});
