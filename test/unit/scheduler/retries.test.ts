import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type AudioWindow, type Hypothesis, spokenThrough } from '../../../src/engine/index.js';
import { type ErrorCode, GatewayError } from '../../../src/errors/index.js';
import { createScheduler } from '../../../src/scheduler/index.js';
import { schedulerOptions } from '../../support/scheduler-options.js';
import { batch, final, nameOf, outcome, partial, runAll, setUp } from './set-up.js';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('retries', () => {
  /** Fails with these codes, one after the other, and then answers. */
  function failing(...codes: ErrorCode[]) {
    return (window: AudioWindow, index: number) => {
      const code = codes[index];
      return code ? new GatewayError(code) : spokenThrough(window, nameOf(window));
    };
  }

  test('a final whose worker died is tried again at once, ahead of less urgent windows', async () => {
    const { engine, scheduler } = setUp({ script: failing('engine_died') });
    const said = outcome(scheduler.submit({ window: final('a') }));
    await engine.arrived(1);
    for (const window of [final('b'), batch('x')]) void outcome(scheduler.submit({ window }));
    void outcome(scheduler.submit({ window: batch('a') }));
    await runAll(engine);
    expect(await said).toBe('final-a');
    expect(engine.windows.map(nameOf).slice(0, 3)).toEqual(['final-a', 'final-b', 'final-a']);
  });

  test('a retry on another free slot is one running window, which closing waits for', async () => {
    let end: () => void = () => {};
    let tries = 0;
    const transcribe = (window: AudioWindow) =>
      ++tries === 1
        ? Promise.reject(new GatewayError('engine_died'))
        : new Promise<Hypothesis>((resolve) => {
            end = () => resolve(spokenThrough(window, 'late'));
          });
    const scheduler = createScheduler({ ...schedulerOptions, engine: { slots: 2, transcribe } });
    void outcome(scheduler.submit({ window: final('a') }));
    await vi.advanceTimersByTimeAsync(0);
    expect(tries).toBe(2);
    expect(scheduler.active).toBe(1);

    let closed = false;
    const closing = scheduler.close().then(() => {
      closed = true;
    });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(closed).toBe(false);
    end();
    await closing;
    expect(scheduler.active).toBe(0);
  });

  test('batch work waits 5, 10 and 20 seconds, and leaves its slot meanwhile', async () => {
    const script = failing('engine_died', 'engine_timeout', 'engine_out_of_memory');
    const { engine, scheduler } = setUp({ script, held: false });
    const done = outcome(scheduler.submit({ window: batch('x') }));
    await vi.advanceTimersByTimeAsync(4_999);
    expect(engine.windows).toHaveLength(1);
    expect([engine.active, scheduler.waiting.batch]).toEqual([0, 1]);
    await vi.advanceTimersByTimeAsync(1);
    expect(engine.windows).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(9_999);
    expect(engine.windows).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(1);
    expect(engine.windows).toHaveLength(3);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(await done).toBe('batch-x');
    expect(engine.windows).toHaveLength(4);
    expect(scheduler.stats).toMatchObject({ oom_errors: 1, failed_tasks: 0, success_rate: 1 });
  });

  test('the last failure is what the caller hears', async () => {
    const script = failing('engine_died', 'engine_died', 'engine_died', 'engine_timeout');
    const { engine, scheduler } = setUp({ script, held: false });
    const failed = outcome(scheduler.submit({ window: final('a') }));
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await failed).toBe('engine_timeout');
    expect(engine.windows).toHaveLength(4);
  });

  test('a partial is not tried again', async () => {
    const { engine, scheduler } = setUp({ script: failing('engine_died'), held: false });
    expect(await outcome(scheduler.submit({ window: partial('a') }))).toBe('engine_died');
    expect(engine.windows).toHaveLength(1);
  });

  test('a permanent failure is not tried again', async () => {
    const { engine, scheduler } = setUp({ script: failing('unknown_language'), held: false });
    expect(await outcome(scheduler.submit({ window: final('a') }))).toBe('unknown_language');
    expect(engine.windows).toHaveLength(1);
  });

  test('what waits for its next try can be cancelled, and leaves nothing behind', async () => {
    const { engine, scheduler } = setUp({ script: failing('engine_died'), held: false });
    const controller = new AbortController();
    const { signal } = controller;
    const cancelled = outcome(scheduler.submit({ window: batch('x'), signal }));
    await vi.advanceTimersByTimeAsync(1_000);
    controller.abort();
    expect(await cancelled).toBe('cancelled');
    expect(vi.getTimerCount()).toBe(0);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(engine.windows).toHaveLength(1);
  });

  test('what is thrown and is no error of ours becomes one', async () => {
    const script = () => {
      throw new TypeError('a defect');
    };
    const { scheduler } = setUp({ script, held: false });
    expect(await outcome(scheduler.submit({ window: partial('a') }))).toBe('internal_error');
  });
});
