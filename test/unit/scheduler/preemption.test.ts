import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { AudioWindow, Hypothesis } from '../../../src/engine/index.js';
import { spokenThrough } from '../../../src/engine/index.js';
import { GatewayError } from '../../../src/errors/index.js';
import { createScheduler, type SchedulerHooks } from '../../../src/scheduler/index.js';
import { audioWindow } from '../../support/audio-window.js';
import { schedulerOptions } from '../../support/scheduler-options.js';
import { batch, final, nameOf, outcome, partial, runAll, setUp, soon } from './set-up.js';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

const namesOf = (engine: { windows: readonly AudioWindow[] }) => engine.windows.map(nameOf);

describe('a final without a free slot', () => {
  test('takes one from batch work, which begins again as the next of its lane', async () => {
    const { engine, scheduler } = setUp();
    const outcomes = ['x', 'y'].map((session) =>
      outcome(scheduler.submit({ window: batch(session) })),
    );
    await engine.arrived(1);
    outcomes.push(outcome(scheduler.submit({ window: final('f') })));
    await soon();
    expect(await runAll(engine)).toEqual(['batch-x', 'final-f', 'batch-x', 'batch-y']);
    expect(await Promise.all(outcomes)).toEqual(['batch-x', 'batch-y', 'final-f']);
    expect(scheduler.stats).toMatchObject({ failed_tasks: 0, total_tasks: 3, success_rate: 1 });
  });

  test('takes one from a partial of another session where there is no batch work', async () => {
    const { engine, scheduler } = setUp();
    const preview = outcome(scheduler.submit({ window: partial('p') }));
    await engine.arrived(1);
    void outcome(scheduler.submit({ window: final('f') }));
    expect(await preview).toBe('superseded');
    expect(await runAll(engine)).toEqual(['partial-p', 'final-f']);
  });

  test('waits for a partial that will soon end, but not for long', async () => {
    const { engine, scheduler } = setUp();
    const preview = outcome(scheduler.submit({ window: partial('p') }));
    await engine.arrived(1);
    await vi.advanceTimersByTimeAsync(500);
    void outcome(scheduler.submit({ window: final('f') }));
    await vi.advanceTimersByTimeAsync(499);
    expect(namesOf(engine)).toEqual(['partial-p']);
    await vi.advanceTimersByTimeAsync(2);
    expect(namesOf(engine)).toEqual(['partial-p', 'final-f']);
    expect(await preview).toBe('superseded');
  });

  test('takes batch before partials, and of each the youngest run', async () => {
    const { engine, scheduler } = setUp({ slots: 4 });
    for (const session of ['x', 'y']) void outcome(scheduler.submit({ window: batch(session) }));
    await engine.arrived(2);
    const previews = ['p', 'q'].map((session) =>
      outcome(scheduler.submit({ window: partial(session) })),
    );
    await engine.arrived(4);
    for (const session of ['1', '2', '3']) {
      void outcome(scheduler.submit({ window: final(session) }));
      await soon();
    }
    expect(namesOf(engine).slice(4)).toEqual(['final-1', 'final-2', 'final-3']);
    // Both batch windows wait again, the one that had run for longer first.
    expect(scheduler.waiting.batch).toBe(2);
    expect(await previews[1]).toBe('superseded');
    await runAll(engine);
    expect(namesOf(engine).slice(7)).toEqual(['batch-x', 'batch-y']);
    expect(await previews[0]).toBe('partial-p');
  });

  test('ends the preview of its own words first, which would only be repeated', async () => {
    const { engine, scheduler } = setUp({ slots: 2 });
    void outcome(scheduler.submit({ window: batch('x') }));
    const preview = outcome(scheduler.submit({ window: partial('a') }));
    await engine.arrived(2);
    void outcome(scheduler.submit({ window: final('a') }));
    expect(await preview).toBe('superseded');
    expect(await runAll(engine)).toEqual(['partial-a', 'batch-x', 'final-a']);
  });

  test('interrupts one window, however long that takes to stop', async () => {
    const aborted: string[] = [];
    const stops: (() => void)[] = [];
    const engine = {
      slots: 3,
      transcribe: (window: AudioWindow, signal: AbortSignal) =>
        new Promise<Hypothesis>((_, reject) => {
          signal.addEventListener('abort', () => {
            aborted.push(nameOf(window));
            stops.push(() => reject(new GatewayError('cancelled')));
          });
        }),
    };
    const scheduler = createScheduler({ ...schedulerOptions, engine });
    for (const window of [batch('x'), batch('y'), final('f')]) {
      void outcome(scheduler.submit({ window }));
    }
    await soon();
    void outcome(scheduler.submit({ window: final('g') }));
    await soon();
    // Each of these is an occasion to look again.
    void outcome(scheduler.submit({ window: batch('z') }));
    await soon();
    expect(aborted).toEqual(['batch-y']);
    stops[0]?.();
    await soon();
    expect(scheduler.active).toBe(3);
    expect(scheduler.waiting).toEqual({ final: 0, partial: 0, batch: 2 });
  });

  test('interrupts nothing while a slot is free, and never another final', async () => {
    const { engine, scheduler } = setUp({ slots: 2 });
    for (const window of [batch('x'), final('f')]) void outcome(scheduler.submit({ window }));
    await engine.arrived(2);
    void outcome(scheduler.submit({ window: final('g') }));
    await soon();
    expect(namesOf(engine)).toEqual(['final-f', 'batch-x', 'final-g']);
    void outcome(scheduler.submit({ window: final('h') }));
    await soon();
    expect(engine.windows).toHaveLength(3);
    await runAll(engine);
  });

  test('that is given up meanwhile leaves the batch work to begin again', async () => {
    const { engine, scheduler } = setUp();
    const job = outcome(scheduler.submit({ window: batch('x') }));
    await engine.arrived(1);
    const controller = new AbortController();
    void outcome(scheduler.submit({ window: final('f'), signal: controller.signal }));
    await Promise.resolve();
    controller.abort();
    await runAll(engine);
    expect(await job).toBe('batch-x');
  });
});

describe('batch work', () => {
  test('leaves one slot alone, however much of it waits', async () => {
    const { engine, scheduler } = setUp({ slots: 3 });
    for (let i = 0; i < 9; i++) void outcome(scheduler.submit({ window: batch(`${i}`) }));
    await soon();
    expect(engine.active).toBe(2);
    void outcome(scheduler.submit({ window: partial('p') }));
    await soon();
    expect(engine.active).toBe(3);
    await runAll(engine);
    expect(engine.windows).toHaveLength(10);
    expect(engine.mostActive).toBe(3);
  });

  test('has the only slot while nothing live waits, and gives it to a partial as well', async () => {
    const { engine, scheduler } = setUp();
    const job = outcome(scheduler.submit({ window: batch('x') }));
    await engine.arrived(1);
    void outcome(scheduler.submit({ window: partial('p') }));
    await soon();
    expect(namesOf(engine)).toEqual(['batch-x', 'partial-p']);
    await runAll(engine);
    expect(await job).toBe('batch-x');
  });

  test('that was cancelled while it made way does not come back', async () => {
    const { engine, scheduler } = setUp();
    const controller = new AbortController();
    const { signal } = controller;
    const job = outcome(scheduler.submit({ window: batch('x'), signal }));
    await engine.arrived(1);
    void outcome(scheduler.submit({ window: final('f') }));
    await soon();
    controller.abort();
    expect(await job).toBe('cancelled');
    expect(await runAll(engine)).toEqual(['batch-x', 'final-f']);
  });

  test('that ended just as it was to make way is done', async () => {
    const ends: (() => void)[] = [];
    const engine = {
      slots: 1,
      // An engine that is too far to stop.
      transcribe: (window: AudioWindow) =>
        new Promise<Hypothesis>((resolve) => {
          ends.push(() => resolve(spokenThrough(window, nameOf(window))));
        }),
    };
    const scheduler = createScheduler({ ...schedulerOptions, engine });
    const job = outcome(scheduler.submit({ window: batch('x') }));
    await soon();
    const said = outcome(scheduler.submit({ window: final('f') }));
    await soon();
    ends[0]?.();
    expect(await job).toBe('batch-x');
    await soon();
    ends[1]?.();
    expect(await said).toBe('final-f');
    expect(ends).toHaveLength(2);
  });

  test('tells the hooks what was lost', async () => {
    const heard: unknown[] = [];
    const hooks: SchedulerHooks = { onPreempted: (event) => heard.push(event) };
    const { engine, scheduler } = setUp({ hooks });
    void outcome(scheduler.submit({ window: batch('x') }));
    await engine.arrived(1);
    await vi.advanceTimersByTimeAsync(400);
    void outcome(scheduler.submit({ window: final('f') }));
    await soon();
    expect(heard).toEqual([{ lane: 'batch', ranMs: 400 }]);
    await runAll(engine);
  });
});

describe('the first batch window of a session', () => {
  const long = (sessionId: string) =>
    audioWindow({ sessionId, lane: 'batch', pcm: new Int16Array(4 * 16_000) });

  test('need not wait for the long windows of another, which go on after it', async () => {
    const { engine, scheduler } = setUp({ slots: 2 });
    const job = Array.from({ length: 3 }, () => outcome(scheduler.submit({ window: long('job') })));
    await engine.arrived(1);
    const clip = outcome(scheduler.submit({ window: batch('clip') }));
    await soon();
    expect(namesOf(engine)).toEqual(['batch-job', 'batch-clip']);
    await runAll(engine);
    expect(namesOf(engine).slice(2)).toEqual(Array(3).fill('batch-job'));
    expect([await clip, ...(await Promise.all(job))]).toEqual([
      'batch-clip',
      ...Array(3).fill('batch-job'),
    ]);
  });

  test('interrupts one window once, so that many clips do not stop a long file', async () => {
    const { engine, scheduler } = setUp();
    for (let i = 0; i < 3; i++) void outcome(scheduler.submit({ window: long('job') }));
    await engine.arrived(1);
    void outcome(scheduler.submit({ window: batch('c') }));
    await engine.arrived(2);
    engine.release(1);
    await engine.arrived(3);
    // The window that made way runs again; this one waits for its end.
    void outcome(scheduler.submit({ window: batch('d') }));
    await soon();
    expect(namesOf(engine)).toEqual(['batch-job', 'batch-c', 'batch-job']);
    engine.release(1);
    await engine.arrived(4);
    expect((await runAll(engine)).slice(3)).toEqual(['batch-d', 'batch-job', 'batch-job']);
  });

  test('is interrupted by no other of its length, and only the first interrupts', async () => {
    const { engine, scheduler } = setUp();
    for (let i = 0; i < 2; i++) void outcome(scheduler.submit({ window: batch('clips') }));
    await engine.arrived(1);
    void outcome(scheduler.submit({ window: batch('other') }));
    await soon();
    expect(engine.windows).toHaveLength(1);
    await runAll(engine);
    void outcome(scheduler.submit({ window: long('job') }));
    await engine.arrived(4);
    void outcome(scheduler.submit({ window: batch('clips') }));
    await soon();
    expect(engine.windows).toHaveLength(4);
    await runAll(engine);
  });
});

describe('batch work that made way three times', () => {
  /** Interrupts the batch window `x` three times; a fourth time it runs, or waits. */
  async function wornOut(slots: number) {
    const { engine, scheduler } = setUp({ slots });
    const job = outcome(scheduler.submit({ window: batch('x') }));
    for (let i = 0; i < 3; i++) {
      await soon();
      for (let slot = 0; slot < slots; slot++) {
        void outcome(scheduler.submit({ window: final(`${i}${slot}`) }));
      }
      await soon();
      engine.release(slots);
      await soon();
    }
    expect(namesOf(engine).filter((name) => name === 'batch-x')).toHaveLength(slots > 1 ? 4 : 3);
    return { engine, scheduler, job };
  }

  test('keeps its slot where there is another', async () => {
    const { engine, scheduler, job } = await wornOut(2);
    const finals = ['f', 'g'].map((session) =>
      outcome(scheduler.submit({ window: final(session) })),
    );
    await soon();
    // The second final waits for the first one.
    expect(namesOf(engine).slice(-2)).toEqual(['batch-x', 'final-f']);
    const before = engine.windows.length;
    await runAll(engine);
    expect(engine.windows).toHaveLength(before + 1);
    expect(await job).toBe('batch-x');
    expect(await Promise.all(finals)).toEqual(['final-f', 'final-g']);
  });

  test('gets the only slot when nothing live has come for a second', async () => {
    const { engine, scheduler, job } = await wornOut(1);
    expect(engine.active).toBe(0);
    await vi.advanceTimersByTimeAsync(600);
    void outcome(scheduler.submit({ window: partial('p') }));
    await soon();
    engine.release(1);
    await vi.advanceTimersByTimeAsync(999);
    expect(namesOf(engine).at(-1)).toBe('partial-p');
    await vi.advanceTimersByTimeAsync(1);
    expect(namesOf(engine).at(-1)).toBe('batch-x');
    engine.release();
    expect(await job).toBe('batch-x');
    expect(vi.getTimerCount()).toBe(0);
  });

  test('still gives the only slot to a final', async () => {
    const { engine, scheduler, job } = await wornOut(1);
    await vi.advanceTimersByTimeAsync(1_000);
    void outcome(scheduler.submit({ window: final('f') }));
    await soon();
    expect(namesOf(engine).slice(-2)).toEqual(['batch-x', 'final-f']);
    engine.release();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await job).toBe('batch-x');
  });

  test('need not wait for a pause once there is a second slot', async () => {
    const scripted = setUp({ slots: 2 });
    const { engine, scheduler } = scripted;
    scheduler.slots = 1;
    const job = outcome(scheduler.submit({ window: batch('x') }));
    for (let i = 0; i < 3; i++) {
      await soon();
      void outcome(scheduler.submit({ window: final(`${i}`) }));
      await soon();
      engine.release(1);
    }
    await soon();
    expect(engine.active).toBe(0);
    scheduler.slots = 2;
    await soon();
    expect(namesOf(engine).at(-1)).toBe('batch-x');
    engine.release();
    expect(await job).toBe('batch-x');
    await scheduler.close();
    expect(vi.getTimerCount()).toBe(0);
  });
});
