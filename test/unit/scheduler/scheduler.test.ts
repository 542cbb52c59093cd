import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  type AudioWindow,
  type Hypothesis,
  ScriptedEngine,
  type ScriptedEngineOptions,
  spokenThrough,
} from '../../../src/engine/index.js';
import { type ErrorCode, GatewayError } from '../../../src/errors/index.js';
import {
  createScheduler,
  retryPolicies,
  type SchedulerHooks,
} from '../../../src/scheduler/index.js';
import { audioWindow } from '../../support/audio-window.js';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A scheduler over a scripted engine whose windows wait for `release`. */
function setUp(
  given: Partial<ScriptedEngineOptions> & { maxQueued?: number; hooks?: SchedulerHooks } = {},
) {
  const { maxQueued = 100, hooks = {}, ...scripted } = given;
  const script = (window: AudioWindow) => spokenThrough(window, nameOf(window));
  const engine = new ScriptedEngine({ script, held: true, ...scripted });
  const retry = retryPolicies({ maxRetries: 3, retryDelayMs: 5_000 });
  const scheduler = createScheduler({ engine, maxQueued, retry, hooks, random: () => 0.5 });
  return { engine, scheduler };
}

function nameOf({ lane, sessionId }: AudioWindow): string {
  return `${lane}-${sessionId}`;
}

const final = (sessionId: string) => audioWindow({ sessionId, lane: 'final' });
const partial = (sessionId: string) => audioWindow({ sessionId, lane: 'partial' });
const batch = (sessionId: string) => audioWindow({ sessionId, lane: 'batch' });

/** What became of a submission: its text, or the code of its error. */
function outcome(submitted: Promise<Hypothesis>): Promise<string> {
  return submitted.then(
    (hypothesis) => hypothesis.segments.map((segment) => segment.text.trim()).join(' '),
    (error: GatewayError) => error.code,
  );
}

/** Lets windows go one at a time until nothing runs; returns all that ever arrived, in order. */
async function runAll(engine: ScriptedEngine): Promise<string[]> {
  await vi.advanceTimersByTimeAsync(0);
  while (engine.active > 0) {
    engine.release(1);
    await vi.advanceTimersByTimeAsync(0);
  }
  return engine.windows.map(nameOf);
}

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

  test('what runs is not interrupted by other sessions, and finals pass whatever waits', async () => {
    const { engine, scheduler } = setUp();
    const running = outcome(scheduler.submit({ window: partial('p') }));
    await engine.arrived(1);
    for (const window of [partial('q'), batch('x'), final('f')]) {
      void outcome(scheduler.submit({ window }));
    }
    expect(await runAll(engine)).toEqual(['partial-p', 'final-f', 'partial-q', 'batch-x']);
    expect(await running).toBe('partial-p');
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

  test('turns can be those of a key that several sessions share', async () => {
    const { engine, scheduler } = setUp();
    for (const session of ['a1', 'a2', 'b1']) {
      void outcome(scheduler.submit({ window: batch(session), key: session.slice(0, 1) }));
    }
    expect(await runAll(engine)).toEqual(['batch-a1', 'batch-b1', 'batch-a2']);
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
    scheduler.concurrency = 1;
    for (let i = 0; i < 8; i++) void outcome(scheduler.submit({ window: final(`s${i}`) }));
    await engine.arrived(1);
    expect(engine.active).toBe(1);

    scheduler.concurrency = 3;
    await engine.arrived(3);
    expect(engine.active).toBe(3);

    scheduler.concurrency = 2;
    engine.release(1);
    await vi.advanceTimersByTimeAsync(0);
    expect(engine.windows).toHaveLength(3);
    expect(engine.active).toBe(2);
    await runAll(engine);
    expect(engine.windows).toHaveLength(8);
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

describe('limits and cancelling', () => {
  test('more than maxQueued is refused', async () => {
    const { engine, scheduler } = setUp({ maxQueued: 2 });
    void outcome(scheduler.submit({ window: final('busy') }));
    await engine.arrived(1);
    const outcomes = ['x', 'y', 'z'].map((session) =>
      outcome(scheduler.submit({ window: batch(session) })),
    );
    expect(await outcomes[2]).toBe('queue_full');
    await runAll(engine);
    expect(await Promise.all(outcomes)).toEqual(['batch-x', 'batch-y', 'queue_full']);
  });

  test('in a full queue a final takes the place of a partial, but not of batch work', async () => {
    const { engine, scheduler } = setUp({ maxQueued: 2 });
    void outcome(scheduler.submit({ window: final('busy') }));
    await engine.arrived(1);
    const spared = outcome(scheduler.submit({ window: partial('p') }));
    void outcome(scheduler.submit({ window: batch('x') }));
    const first = outcome(scheduler.submit({ window: final('f') }));
    const second = outcome(scheduler.submit({ window: final('g') }));
    expect(await spared).toBe('queue_full');
    expect(await second).toBe('queue_full');
    expect(await runAll(engine)).toEqual(['final-busy', 'final-f', 'batch-x']);
    expect(await first).toBe('final-f');
  });

  test('a renewed partial fits into a full queue', async () => {
    const { engine, scheduler } = setUp({ maxQueued: 1 });
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
    const retry = retryPolicies({ maxRetries: 3, retryDelayMs: 5_000 });
    const scheduler = createScheduler({ engine, maxQueued: 10, retry });
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
    const retry = retryPolicies({ maxRetries: 3, retryDelayMs: 5_000 });
    const scheduler = createScheduler({ engine: { slots: 2, transcribe }, maxQueued: 10, retry });
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
    expect(scheduler.stats).toEqual({
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
      ['started', { lane: 'final', queueMs: 0 }],
      ['settled', { lane: 'final', outcome: 'done', queueMs: 0, inferenceMs: 100 }],
      ['started', { lane: 'batch', queueMs: 200 }],
      ['settled', { lane: 'batch', outcome: 'done', queueMs: 200, inferenceMs: 100 }],
    ]);
  });
});
