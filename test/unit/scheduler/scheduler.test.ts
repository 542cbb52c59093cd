import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
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

describe('order', () => {
  test('finals go before partials, partials before batch work', async () => {
    const { engine, scheduler } = setUp();
    const submitted = [batch('x'), batch('y'), partial('p'), partial('q'), final('f'), final('g')];
    const outcomes = submitted.map((window) => outcome(scheduler.submit({ window })));
    expect(await runAll(engine)).toEqual([
      'final-f',
      'final-g',
      'partial-p',
      'partial-q',
      'batch-x',
      'batch-y',
    ]);
    expect(await Promise.all(outcomes)).toEqual(submitted.map(nameOf));
  });

  test('a final waits for finals that run, and passes whatever else waits', async () => {
    const { engine, scheduler } = setUp();
    const running = outcome(scheduler.submit({ window: final('first') }));
    await engine.arrived(1);
    for (const window of [partial('q'), batch('x'), final('f')]) {
      void outcome(scheduler.submit({ window }));
    }
    expect(await runAll(engine)).toEqual(['final-first', 'final-f', 'partial-q', 'batch-x']);
    expect(await running).toBe('final-first');
  });

  test('sessions take turns, however much one has waiting', async () => {
    const { engine, scheduler } = setUp();
    for (const session of ['greedy', 'greedy', 'greedy', 'modest']) {
      void outcome(scheduler.submit({ window: batch(session) }));
    }
    expect(await runAll(engine)).toEqual([
      'batch-greedy',
      'batch-modest',
      'batch-greedy',
      'batch-greedy',
    ]);
  });

  test('live sessions of a key take turns by windows, files by seconds of audio', async () => {
    for (const [lane, order] of [
      ['partial', ['long', 'short', 'long', 'short']],
      ['batch', ['long', 'short', 'short', 'long']],
    ] as const) {
      const { engine, scheduler } = setUp();
      const submit = (sessionId: string) => {
        const pcm = new Int16Array(sessionId === 'long' ? 32_000 : 16_000);
        void outcome(scheduler.submit({ window: audioWindow({ sessionId, lane, pcm }) }));
      };
      submit('long');
      submit('short');
      for (let turn = 1; turn < order.length; turn++) {
        await engine.arrived(turn);
        // Who has its turn asks for the next one.
        submit(order[turn - 1] as string);
        engine.release(1);
      }
      await engine.arrived(order.length);
      expect(engine.windows.map(({ sessionId }) => sessionId)).toEqual(order);
    }
  });

  test('turns can be those of a key that several sessions share', async () => {
    const { engine, scheduler } = setUp();
    for (const session of ['a1', 'a2', 'b1']) {
      void outcome(scheduler.submit({ window: batch(session), key: session.slice(0, 1) }));
    }
    expect(await runAll(engine)).toEqual(['batch-a1', 'batch-b1', 'batch-a2']);
  });

  test('a key of weight 2 has two turns for one of the others', async () => {
    const { engine, scheduler } = setUp();
    for (let i = 0; i < 6; i++) {
      void outcome(scheduler.submit({ window: batch('big'), key: 'paying', weight: 2 }));
      void outcome(scheduler.submit({ window: batch('small'), key: 'free' }));
    }
    const firstSix = (await runAll(engine)).slice(0, 6);
    expect(firstSix.filter((name) => name === 'batch-big')).toHaveLength(4);
  });

  test.each([0, -1, Number.NaN])('a weight of %s is refused', async (weight) => {
    const { scheduler } = setUp();
    const refused = scheduler.submit({ window: batch('a'), weight });
    expect(await outcome(refused)).toBe('invalid_argument');
  });

  test('an engine is never given more windows than it has slots', async () => {
    const { engine, scheduler } = setUp({ slots: 3 });
    const outcomes = Array.from({ length: 10 }, (_, i) =>
      outcome(scheduler.submit({ window: final(`s${i}`) })),
    );
    await runAll(engine);
    expect(engine.mostActive).toBe(3);
    expect(new Set(await Promise.all(outcomes)).size).toBe(10);
  });

  test('concurrency can grow and shrink while windows wait', async () => {
    const { engine, scheduler } = setUp({ slots: 4 });
    scheduler.slots = 1;
    for (let i = 0; i < 8; i++) void outcome(scheduler.submit({ window: final(`s${i}`) }));
    await engine.arrived(1);
    expect(engine.active).toBe(1);

    scheduler.slots = 3;
    await engine.arrived(3);
    expect(engine.active).toBe(3);

    scheduler.slots = 2;
    engine.release(1);
    await vi.advanceTimersByTimeAsync(0);
    expect(engine.windows).toHaveLength(3);
    expect(engine.active).toBe(2);
    await runAll(engine);
    expect(engine.windows).toHaveLength(8);
  });

  test('"auto" is as many as the engine has, and no setting exceeds it', async () => {
    let changed = () => {};
    const engine = {
      slots: 3,
      onSlotsChanged: (listener: () => void) => {
        changed = listener;
      },
      transcribe: () => new Promise<never>(() => {}),
    };
    const scheduler = createScheduler({ ...schedulerOptions, engine });
    expect([scheduler.slots, scheduler.concurrency]).toEqual(['auto', 3]);
    scheduler.slots = 8;
    expect([scheduler.slots, scheduler.concurrency]).toEqual([8, 3]);
    scheduler.slots = 2;
    expect(scheduler.concurrency).toBe(2);
    // An engine that runs out of memory offers fewer for a while.
    engine.slots = 1;
    expect(scheduler.concurrency).toBe(1);
    for (const session of ['a', 'b']) void outcome(scheduler.submit({ window: final(session) }));
    await soon();
    expect(scheduler.active).toBe(1);
    engine.slots = 3;
    changed();
    await soon();
    expect([scheduler.concurrency, scheduler.active]).toEqual([2, 2]);
  });
});

describe('newer windows of the same session', () => {
  test('a partial takes the place of the one that waits', async () => {
    const { engine, scheduler } = setUp();
    void outcome(scheduler.submit({ window: final('busy') }));
    await engine.arrived(1);
    const [oldest, older, newest] = [1, 2, 3].map((seconds) => {
      const window = audioWindow({ lane: 'partial', pcm: new Int16Array(seconds * 16_000) });
      return outcome(scheduler.submit({ window }));
    });
    expect(await oldest).toBe('superseded');
    expect(await older).toBe('superseded');
    expect(scheduler.waiting.partial).toBe(1);
    await runAll(engine);
    expect(await newest).toBe('partial-a');
    expect(engine.windows.map((window) => window.pcm.length)).toEqual([16_000, 48_000]);
  });

  test('a session that renews its partial keeps its turn', async () => {
    const { engine, scheduler } = setUp();
    void outcome(scheduler.submit({ window: final('busy') }));
    await engine.arrived(1);
    for (const session of ['p', 'q', 'p'])
      void outcome(scheduler.submit({ window: partial(session) }));
    expect(await runAll(engine)).toEqual(['final-busy', 'partial-p', 'partial-q']);
  });

  test('a final ends the waiting partial that it outdates, not that of another session', async () => {
    const { engine, scheduler } = setUp();
    void outcome(scheduler.submit({ window: final('busy') }));
    await engine.arrived(1);
    const outdated = outcome(scheduler.submit({ window: partial('a') }));
    const other = outcome(scheduler.submit({ window: partial('b') }));
    void outcome(scheduler.submit({ window: final('a') }));
    expect(await outdated).toBe('superseded');
    expect(await runAll(engine)).toEqual(['final-busy', 'final-a', 'partial-b']);
    expect(await other).toBe('partial-b');
  });

  test('a final without a free slot aborts the running partial of its session', async () => {
    const { engine, scheduler } = setUp();
    const running = outcome(scheduler.submit({ window: partial('a') }));
    await engine.arrived(1);
    const said = outcome(scheduler.submit({ window: final('a') }));
    expect(await running).toBe('superseded');
    await engine.arrived(2);
    expect(engine.windows.map(nameOf)).toEqual(['partial-a', 'final-a']);
    engine.release();
    expect(await said).toBe('final-a');
  });

  test('with a free slot the running partial may end', async () => {
    const { engine, scheduler } = setUp({ slots: 2 });
    const running = outcome(scheduler.submit({ window: partial('a') }));
    await engine.arrived(1);
    void outcome(scheduler.submit({ window: final('a') }));
    await engine.arrived(2);
    await runAll(engine);
    expect(await running).toBe('partial-a');
  });
});
