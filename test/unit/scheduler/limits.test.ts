import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { AudioWindow, Hypothesis, Lane } from '../../../src/engine/index.js';
import { GatewayError } from '../../../src/errors/index.js';
import { createScheduler } from '../../../src/scheduler/index.js';
import { audioWindow } from '../../support/audio-window.js';
import { schedulerOptions } from '../../support/scheduler-options.js';
import { batch, final, nameOf, outcome, partial, runAll, setUp, soon } from './set-up.js';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('limits and cancelling', () => {
  test('more than may wait in a lane is refused, with words that name it', async () => {
    const { engine, scheduler } = setUp({ maxQueued: { batch: 2 } });
    void outcome(scheduler.submit({ window: final('busy') }));
    await engine.arrived(1);
    const outcomes = ['x', 'y'].map((session) =>
      outcome(scheduler.submit({ window: batch(session) })),
    );
    const message = 'Too much work is waiting: 2 windows in the batch lane.';
    await expect(scheduler.submit({ window: batch('z') })).rejects.toMatchObject({
      code: 'queue_full',
      message,
    });
    await runAll(engine);
    expect(await Promise.all(outcomes)).toEqual(['batch-x', 'batch-y']);
  });

  test.each(['final', 'partial', 'batch'] as const)(
    'a full %s lane takes no room from the others',
    async (full) => {
      const { engine, scheduler } = setUp({ maxQueued: { [full]: 1 } });
      void outcome(scheduler.submit({ window: final('busy') }));
      await engine.arrived(1);
      const submitted = ['final', 'partial', 'batch'].flatMap((lane) =>
        ['x', 'y'].map((sessionId) => audioWindow({ lane: lane as Lane, sessionId })),
      );
      const outcomes = await Promise.all([
        ...submitted.map((window) => outcome(scheduler.submit({ window }))),
        runAll(engine),
      ]);
      const refused = submitted.filter((_, index) => outcomes[index] === 'queue_full');
      expect(refused.map(nameOf)).toEqual([`${full}-y`]);
    },
  );

  test('what waits for its next try counts as waiting', async () => {
    const script = () => new GatewayError('engine_died');
    const { scheduler } = setUp({ script, held: false, maxQueued: { batch: 1 } });
    void outcome(scheduler.submit({ window: batch('x') }));
    await soon();
    expect(scheduler.waiting).toEqual({ final: 0, partial: 0, batch: 1 });
    expect(await outcome(scheduler.submit({ window: batch('y') }))).toBe('queue_full');
    await scheduler.close();
  });

  test('a partial that waited too long is dropped as stale, and its session may ask again', async () => {
    const { engine, scheduler } = setUp();
    void outcome(scheduler.submit({ window: final('busy') }));
    await engine.arrived(1);
    const old = outcome(scheduler.submit({ window: partial('a') }));
    const patient = [outcome(scheduler.submit({ window: batch('x') }))];
    patient.push(outcome(scheduler.submit({ window: final('f') })));
    await vi.advanceTimersByTimeAsync(2_999);
    expect(scheduler.waiting.partial).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(await old).toBe('stale');
    const fresh = outcome(scheduler.submit({ window: partial('a') }));
    await vi.advanceTimersByTimeAsync(2_000);
    expect(await runAll(engine)).toEqual(['final-busy', 'final-f', 'partial-a', 'batch-x']);
    expect(await fresh).toBe('partial-a');
    expect(await Promise.all(patient)).toEqual(['batch-x', 'final-f']);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('a partial that runs does not grow stale', async () => {
    const { engine, scheduler } = setUp();
    const running = outcome(scheduler.submit({ window: partial('a') }));
    await engine.arrived(1);
    await vi.advanceTimersByTimeAsync(60_000);
    engine.release();
    expect(await running).toBe('partial-a');
  });

  test('a renewed partial fits into a full queue', async () => {
    const { engine, scheduler } = setUp({ maxQueued: { partial: 1 } });
    void outcome(scheduler.submit({ window: final('busy') }));
    await engine.arrived(1);
    void outcome(scheduler.submit({ window: partial('p') }));
    const renewed = outcome(scheduler.submit({ window: partial('p') }));
    await runAll(engine);
    expect(await renewed).toBe('partial-p');
  });

  test('a waiting window is cancelled at once and never reaches the engine', async () => {
    const { engine, scheduler } = setUp();
    void outcome(scheduler.submit({ window: final('busy') }));
    await engine.arrived(1);
    const controller = new AbortController();
    const waiting = outcome(scheduler.submit({ window: batch('x'), signal: controller.signal }));
    controller.abort();
    expect(await waiting).toBe('cancelled');
    expect(scheduler.waiting).toEqual({ final: 0, partial: 0, batch: 0 });
    expect(await runAll(engine)).toEqual(['final-busy']);
  });

  test('a running window is aborted the moment it is cancelled', async () => {
    const signals: AbortSignal[] = [];
    const transcribe = (_: AudioWindow, signal: AbortSignal) => {
      signals.push(signal);
      return new Promise<never>(() => {});
    };
    const scheduler = createScheduler({ ...schedulerOptions, engine: { slots: 3, transcribe } });
    const controller = new AbortController();
    const { signal } = controller;
    const cancelled = [final('a'), partial('a'), batch('a')].map((window) =>
      outcome(scheduler.submit({ window, signal })),
    );
    await soon();
    expect(signals.map(({ aborted }) => aborted)).toEqual([false, false, false]);
    controller.abort();
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true, true]);
    expect(await Promise.all(cancelled)).toEqual(Array(3).fill('cancelled'));
  });

  test('an aborted signal is refused', async () => {
    const { engine, scheduler } = setUp();
    const signal = AbortSignal.abort();
    expect(await outcome(scheduler.submit({ window: final('a'), signal }))).toBe('cancelled');
    expect(engine.windows).toHaveLength(0);
  });

  test('a slot is free when the inference has ended, not when its caller was answered', async () => {
    // An engine that takes its time to stop.
    const arrived: string[] = [];
    const ends: (() => void)[] = [];
    const engine = {
      slots: 1,
      transcribe: (window: AudioWindow) => {
        arrived.push(nameOf(window));
        return new Promise<Hypothesis>((_, reject) => {
          ends.push(() => reject(new GatewayError('cancelled')));
        });
      },
    };
    const scheduler = createScheduler({ ...schedulerOptions, engine });
    const controller = new AbortController();
    const cancelled = scheduler.submit({ window: final('a'), signal: controller.signal });
    await vi.advanceTimersByTimeAsync(0);
    void outcome(scheduler.submit({ window: final('b') }));
    controller.abort();
    expect(await outcome(cancelled)).toBe('cancelled');
    await vi.advanceTimersByTimeAsync(1_000);
    expect(arrived).toEqual(['final-a']);
    expect(scheduler.active).toBe(1);

    ends[0]?.();
    await vi.advanceTimersByTimeAsync(0);
    expect(arrived).toEqual(['final-a', 'final-b']);
  });

  test('closing rejects everything, and resolves once nothing runs', async () => {
    const { engine, scheduler } = setUp();
    const outcomes = [final('a'), final('b'), batch('c')].map((window) =>
      outcome(scheduler.submit({ window })),
    );
    await engine.arrived(1);
    await Promise.all([scheduler.close(), scheduler.close()]);
    expect(engine.active).toBe(0);
    expect(await Promise.all(outcomes)).toEqual(Array(3).fill('server_draining'));
    expect(await outcome(scheduler.submit({ window: final('d') }))).toBe('server_draining');
  });
});
