import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  SupervisedProcess,
  type SupervisedProcessOptions,
} from '../../../src/engine/supervised-process.js';
import type { GatewayError } from '../../../src/errors/index.js';

const entry = fileURLToPath(new URL('../../fixtures/crashing-child.mjs', import.meta.url));

async function start(setup: string, options: Partial<SupervisedProcessOptions<string>> = {}) {
  const child = await SupervisedProcess.start<string, { pid: number }, unknown, unknown>({
    entry,
    setup,
    startTimeoutMs: 20_000,
    requestTimeoutMs: 20_000,
    ...options,
  });
  onTestFinished(() => child.close());
  return child;
}

function failure(promise: Promise<unknown>): Promise<GatewayError> {
  return promise.then(
    (value) => expect.fail(`settled with ${JSON.stringify(value)}`),
    (error: GatewayError) => error,
  );
}

function causeOf(error: GatewayError): string {
  return (error.cause as Error).message;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('a process that never started', () => {
  test('says itself why', async () => {
    const error = await failure(start('unable'));
    expect(error).toMatchObject({ code: 'model_corrupt', message: 'No model.' });
    expect(causeOf(error)).toBe('the inner reason');
  });

  test('died without a word: the exit code and the last 20 lines are the cause', async () => {
    const error = await failure(start('exit'));
    expect(error.code).toBe('model_load_failed');
    const last20 = Array.from({ length: 20 }, (_, i) => `line ${i + 11}`);
    expect(error.message).toBe('The model could not be loaded: it left with exit code 7.');
    expect(causeOf(error)).toBe(['it left with exit code 7', ...last20].join('\n'));
  });

  test('ran out of memory', async () => {
    expect((await failure(start('outOfMemory'))).code).toBe('engine_out_of_memory');
  });

  test('took too long, and is gone', async () => {
    const error = await failure(start('hang', { startTimeoutMs: 300 }));
    expect(error.code).toBe('model_load_failed');
    expect(causeOf(error)).toContain('it took too long');
  });

  test('was given up', async () => {
    const giveUp = new AbortController();
    const error = failure(start('hang', { signal: giveUp.signal }));
    giveUp.abort();
    expect((await error).code).toBe('model_load_failed');
  });

  test('has no file', async () => {
    const error = await failure(start('ready', { entry: `${entry}.missing` }));
    expect(error.code).toBe('model_load_failed');
    expect(causeOf(error)).toContain('Cannot find module');
  });
});

describe('a process that runs', () => {
  test('answers calls, whatever their order', async () => {
    const child = await start('ready');
    expect(child.ready).toEqual({ pid: child.pid });
    const calls = Array.from({ length: 50 }, (_, i) => child.request({ i }));
    expect(await Promise.all(calls)).toEqual(Array.from({ length: 50 }, (_, i) => ({ i })));
  });

  test('hands typed arrays over unchanged, also a part of a larger one', async () => {
    const child = await start('ready');
    const pcm = Int16Array.from([0, 1, -32_768, 32_767, 5]).subarray(1, 4);
    expect(await child.request(pcm)).toEqual(Int16Array.from([1, -32_768, 32_767]));
  });

  test('passes its log lines on', async () => {
    const lines: string[] = [];
    const child = await start('ready', { onLog: (level, line) => lines.push(`${level} ${line}`) });
    await child.request('anything');
    expect(lines).toEqual(['info echoing']);
  });

  test('sees nothing of the environment but what it needs', async () => {
    const seen = fileURLToPath(new URL('../../fixtures/crashing-environment.mjs', import.meta.url));
    process.env.API_KEY = 'a-secret-for-this-test';
    onTestFinished(() => {
      delete process.env.API_KEY;
    });
    const child = await start('ready', { entry: seen });
    expect(child.ready).toHaveProperty('PATH');
    expect(JSON.stringify(child.ready)).not.toContain('a-secret-for-this-test');
  });

  test('is asked to stop a call that was aborted', async () => {
    const child = await start('ready');
    const controller = new AbortController();
    const call = failure(child.request('hang', controller.signal));
    controller.abort();
    expect((await call).code).toBe('cancelled');
    expect(child.alive).toBe(true);
    expect(await child.request('still here')).toBe('still here');
  });

  test('is not asked at all where the signal had aborted before', async () => {
    const child = await start('ready');
    expect((await failure(child.request('exit', AbortSignal.abort()))).code).toBe('cancelled');
    expect(await child.request('still here')).toBe('still here');
  });
});

describe('a process that died', () => {
  test('rejects every call under way, with its last words', async () => {
    const child = await start('ready');
    const calls = [child.request('hang'), child.request('hang'), child.request('exit')];
    for (const error of await Promise.all(calls.map(failure))) {
      expect(error.code).toBe('engine_died');
      expect(causeOf(error)).toMatch(/^it left with exit code 7\nline 11\n/);
    }
    expect((await child.ended).code).toBe('engine_died');
    expect(child.alive).toBe(false);
    expect((await failure(child.request('anything'))).code).toBe('engine_died');
  });

  test('was killed', async () => {
    const child = await start('ready');
    const call = failure(child.request('hang'));
    process.kill(child.pid, 'SIGKILL');
    expect(causeOf(await call)).toContain('SIGKILL');
  });

  test('ran out of memory while computing, which ends it by SIGABRT', async () => {
    const child = await start('ready');
    const error = await failure(child.request('outOfMemory'));
    expect(error.code).toBe('engine_out_of_memory');
    expect(causeOf(error)).toBe('it crashed (SIGABRT)\nggml_cuda: CUDA error: out of memory');
  });

  test('aborted for another reason', async () => {
    const child = await start('ready');
    expect((await failure(child.request('abort'))).code).toBe('engine_died');
  });
});

describe('a process that does not answer', () => {
  test('in time, but ends the call when it is asked to, is slow and goes on', async () => {
    const child = await start('ready', { requestTimeoutMs: 200 });
    expect((await failure(child.request('hang'))).code).toBe('engine_timeout');
    expect(child.alive).toBe(true);
    expect(await child.request('still here')).toBe('still here');
  });

  test('to an abort either is hung and killed; the others hear of the death', async () => {
    const child = await start('ready', { abortTimeoutMs: 300 });
    const other = failure(child.request('hang'));
    const late = failure(child.request('deaf', undefined, 200));
    expect((await late).code).toBe('engine_timeout');
    expect((await other).code).toBe('engine_died');
    expect((await child.ended).code).toBe('engine_timeout');
    expect(isAlive(child.pid)).toBe(false);
  });
});

describe('a process that hangs while a call is cancelled', () => {
  test('is killed; the call was cancelled all the same', async () => {
    const child = await start('ready', { abortTimeoutMs: 300 });
    const controller = new AbortController();
    const call = failure(child.request('deaf', controller.signal));
    // An answer to something else shows that the call has arrived.
    await child.request('anything');
    controller.abort();
    expect((await call).code).toBe('cancelled');
    expect((await child.ended).code).toBe('engine_timeout');
    expect(isAlive(child.pid)).toBe(false);
  });
});

describe('a process that was closed', () => {
  test('is gone, and its calls hear that nothing is available', async () => {
    const child = await start('ready');
    const call = failure(child.request('hang'));
    await Promise.all([child.close(), child.close()]);
    expect((await call).code).toBe('engine_unavailable');
    expect((await child.ended).code).toBe('engine_unavailable');
    expect((await failure(child.request('anything'))).code).toBe('engine_unavailable');
    expect(isAlive(child.pid)).toBe(false);
  });
});
