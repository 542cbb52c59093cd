import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type AudioWindow, spokenThrough } from '../../../src/engine/index.js';
import { GatewayError } from '../../../src/errors/index.js';
import type { SchedulerHooks } from '../../../src/scheduler/index.js';
import { batch, final, outcome, partial, runAll, setUp } from './set-up.js';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('counts', () => {
  test('stats tell what ran, what failed and what is under way', async () => {
    const script = (window: AudioWindow) =>
      window.sessionId === 'bad'
        ? new GatewayError('unknown_language')
        : spokenThrough(window, 'x');
    const { engine, scheduler } = setUp({ slots: 2, script });
    const outcomes = ['bad', 'a', 'b', 'c'].map((session) =>
      outcome(scheduler.submit({ window: final(session) })),
    );
    const controller = new AbortController();
    void outcome(scheduler.submit({ window: final('d'), signal: controller.signal }));
    await engine.arrived(2);
    controller.abort();
    expect(scheduler.stats).toMatchObject({
      max_concurrent: 2,
      active_tasks: 2,
      total_tasks: 5,
      failed_tasks: 0,
      oom_errors: 0,
      success_rate: 1,
    });
    expect(scheduler.waiting).toEqual({ final: 2, partial: 0, batch: 0 });
    await runAll(engine);
    await Promise.all(outcomes);
    expect(scheduler.stats).toMatchObject({ active_tasks: 0, failed_tasks: 1, success_rate: 0.75 });
  });

  test('stats tell of every lane what runs, what waits and for how long', async () => {
    const { engine, scheduler } = setUp({ slots: 2, maxQueued: { final: 5 } });
    for (const window of [final('a'), final('b')]) void outcome(scheduler.submit({ window }));
    await engine.arrived(2);
    for (const wait of [100, 200, 700]) {
      void outcome(scheduler.submit({ window: final(`after ${wait}`) }));
      void outcome(scheduler.submit({ window: batch('x') }));
      await vi.advanceTimersByTimeAsync(wait);
    }
    const never = { running: 0, waiting: 0, max_waiting: 100, longest_wait_ms: 0, wait_ms: null };
    expect(scheduler.stats.slots).toBe('auto');
    expect(scheduler.stats.lanes).toEqual({
      final: {
        running: 2,
        waiting: 3,
        max_waiting: 5,
        longest_wait_ms: 1_000,
        wait_ms: { p50: 0, p95: 0, p99: 0 },
      },
      partial: never,
      batch: { ...never, waiting: 3, longest_wait_ms: 1_000 },
    });
    await runAll(engine);
    // They waited 0, 0, 700, 900 and 1000 ms.
    const { final: finals } = scheduler.stats.lanes;
    expect(finals).toMatchObject({ running: 0, waiting: 0, longest_wait_ms: 0 });
    expect(finals.wait_ms).toEqual({ p50: 700, p95: 1_000, p99: 1_000 });
  });

  test('a partial that replaces another has waited for as long as that', async () => {
    const started: unknown[] = [];
    const hooks: SchedulerHooks = { onStarted: (event) => started.push(event) };
    const { engine, scheduler } = setUp({ hooks });
    void outcome(scheduler.submit({ window: final('busy') }));
    await engine.arrived(1);
    for (let i = 0; i < 3; i++) {
      void outcome(scheduler.submit({ window: partial('p') }));
      await vi.advanceTimersByTimeAsync(250);
    }
    expect(scheduler.stats.lanes.partial.longest_wait_ms).toBe(750);
    await runAll(engine);
    expect(started.slice(1)).toEqual([{ lane: 'partial', queueMs: 750 }]);
  });

  test('hooks hear of windows that came late to a slot, or never to one', async () => {
    const late: unknown[] = [];
    const { engine, scheduler } = setUp({ hooks: { onLate: (event) => late.push(event) } });
    void outcome(scheduler.submit({ window: final('busy') }));
    await engine.arrived(1);
    const controller = new AbortController();
    void outcome(scheduler.submit({ window: final('a'), signal: controller.signal }));
    void outcome(scheduler.submit({ window: partial('p') }));
    void outcome(scheduler.submit({ window: batch('x') }));
    void outcome(scheduler.submit({ window: final('b') }));
    await vi.advanceTimersByTimeAsync(1_001);
    controller.abort();
    expect(late).toEqual([{ lane: 'final', queueMs: 1_001 }]);
    await runAll(engine);
    expect(late.slice(1)).toEqual([
      { lane: 'final', queueMs: 1_001 },
      { lane: 'partial', queueMs: 1_001 },
    ]);
  });

  test('hooks hear of every window once, with its times', async () => {
    const heard: unknown[] = [];
    const hooks: SchedulerHooks = {
      onQueued: (event) => heard.push(['queued', event]),
      onStarted: (event) => heard.push(['started', event]),
      onRetry: (event) => heard.push(['retry', event]),
      onSettled: (event) => heard.push(['settled', event]),
    };
    const script = (window: AudioWindow, index: number) =>
      index === 0 ? new GatewayError('engine_died') : spokenThrough(window, 'x');
    const { scheduler } = setUp({ script, held: false, latencyMs: 100, hooks });
    const first = outcome(scheduler.submit({ window: batch('a') }));
    const second = outcome(scheduler.submit({ window: final('b') }));
    await vi.advanceTimersByTimeAsync(6_000);
    await Promise.all([first, second]);
    const died = { lane: 'final', code: 'engine_died', failures: 1, delayMs: 0 };
    expect(heard).toEqual([
      ['queued', { lane: 'batch' }],
      ['queued', { lane: 'final' }],
      ['started', { lane: 'final', queueMs: 0 }],
      ['retry', died],
      ['settled', { lane: 'final', outcome: 'done', queueMs: 0, inferenceMs: 100 }],
      ['started', { lane: 'batch', queueMs: 200 }],
      ['settled', { lane: 'batch', outcome: 'done', queueMs: 200, inferenceMs: 100 }],
    ]);
  });
});
