import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ProcessKeeper, type ProcessKeeperOptions } from '../../../src/engine/process-keeper.js';
import { type ErrorCode, GatewayError } from '../../../src/errors/index.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A process that lives until the test ends it. */
function createProcess(number: number) {
  let end: (reason: GatewayError) => void = () => {};
  const ended = new Promise<GatewayError>((resolve) => {
    end = resolve;
  });
  return {
    number,
    alive: true,
    ended,
    die() {
      this.alive = false;
      end(new GatewayError('engine_died'));
    },
    async close() {
      this.alive = false;
      end(new GatewayError('engine_unavailable'));
    },
  };
}

type Process = ReturnType<typeof createProcess>;

/** A keeper whose starts from the second one on fail as `broken` says. */
async function setUp(options: Partial<ProcessKeeperOptions<Process>> = {}) {
  const started: Process[] = [];
  const reasons: string[] = [];
  const pauses: number[] = [];
  const state: { broken: ErrorCode | null } = { broken: null };
  const keeper = await ProcessKeeper.start({
    start: async () => {
      if (state.broken) throw new GatewayError(state.broken);
      const process = createProcess(started.length);
      started.push(process);
      return process;
    },
    onRestart: (reason) => reasons.push(reason.code),
    onOpen: (_, pauseMs) => pauses.push(pauseMs),
    ...options,
  });
  return { keeper, started, reasons, pauses, state };
}

describe('a keeper of a process', () => {
  test('fails to start where the first process does', async () => {
    const start = () => Promise.reject(new GatewayError('model_corrupt'));
    await expect(ProcessKeeper.start({ start })).rejects.toMatchObject({ code: 'model_corrupt' });
  });

  test('replaces what died after 250 ms, and tells whoever waits', async () => {
    const { keeper, started, reasons } = await setUp();
    expect((await keeper.available(1_000)).number).toBe(0);
    started[0]?.die();
    expect(keeper.current).toBeNull();
    const next = keeper.available(1_000);
    await vi.advanceTimersByTimeAsync(249);
    expect(keeper.current).toBeNull();
    await vi.advanceTimersByTimeAsync(1);
    expect((await next).number).toBe(1);
    expect(keeper.restarts).toBe(1);
    expect(reasons).toEqual(['engine_died']);
    await keeper.close();
  });

  test('waits longer each time, until something succeeds', async () => {
    const { keeper, started } = await setUp();
    for (const waitMs of [250, 500, 1_000]) {
      started.at(-1)?.die();
      await vi.advanceTimersByTimeAsync(waitMs - 1);
      expect(keeper.state).toBe('starting');
      await vi.advanceTimersByTimeAsync(1);
      expect(keeper.state).toBe('up');
    }
    keeper.succeeded();
    started.at(-1)?.die();
    await vi.advanceTimersByTimeAsync(250);
    expect(keeper.state).toBe('up');
    await keeper.close();
  });

  test('is down once a start has failed, and leaves it after five failures for longer and longer', async () => {
    const { keeper, started, reasons, pauses, state } = await setUp();
    state.broken = 'model_load_failed';
    started[0]?.die();
    await vi.advanceTimersByTimeAsync(249);
    expect([keeper.state, keeper.failure]).toEqual(['starting', null]);
    await vi.advanceTimersByTimeAsync(1);
    expect(keeper.state).toBe('down');
    expect(keeper.failure?.code).toBe('model_load_failed');
    await vi.advanceTimersByTimeAsync(500 + 1_000 + 2_000);
    expect(reasons).toEqual(['engine_died', ...Array(4).fill('model_load_failed')]);
    expect(pauses).toEqual([10_000]);
    expect(keeper.nextTryMs).toBe(10_000);

    await vi.advanceTimersByTimeAsync(10_000);
    expect(pauses).toEqual([10_000, 20_000]);
    state.broken = null;
    await vi.advanceTimersByTimeAsync(19_999);
    expect(keeper.state).toBe('down');
    await vi.advanceTimersByTimeAsync(1);
    expect([keeper.state, keeper.failure]).toEqual(['up', null]);

    // Up again, but without any success yet.
    started.at(-1)?.die();
    await vi.advanceTimersByTimeAsync(0);
    expect(pauses).toEqual([10_000, 20_000, 40_000]);
    await vi.advanceTimersByTimeAsync(40_000);
    keeper.succeeded();
    started.at(-1)?.die();
    await vi.advanceTimersByTimeAsync(250);
    expect(keeper.state).toBe('up');
    await keeper.close();
  });

  test('does not try over and over what cannot heal by itself', async () => {
    const { keeper, started, pauses, state } = await setUp();
    state.broken = 'model_not_found';
    started[0]?.die();
    await vi.advanceTimersByTimeAsync(250);
    expect(pauses).toEqual([10_000]);
    expect(keeper.failure?.code).toBe('model_not_found');
    await keeper.close();
  });

  test('has nobody wait for a start that is too far away', async () => {
    const { keeper, started, state } = await setUp();
    state.broken = 'model_not_found';
    started[0]?.die();
    await vi.advanceTimersByTimeAsync(250);
    const tooLong = await keeper.available(5_000).catch((error: GatewayError) => error);
    expect(tooLong).toMatchObject({
      code: 'engine_unavailable',
      cause: { code: 'model_not_found' },
    });
    const next = keeper.available(60_000);
    state.broken = null;
    await vi.advanceTimersByTimeAsync(10_000);
    expect((await next).number).toBe(1);
    await keeper.close();
  });

  test('starts at once, uncounted, what its owner has mended', async () => {
    const mended: string[] = [];
    const { keeper, started, pauses } = await setUp({ mend: ({ code }) => mended.push(code) > 0 });
    for (let deaths = 1; deaths <= 20; deaths++) {
      started.at(-1)?.die();
      await vi.advanceTimersByTimeAsync(0);
      expect(keeper.current?.number).toBe(deaths);
    }
    expect([mended.length, pauses]).toEqual([20, []]);
    await keeper.close();
  });

  test('is replaced on request, which is no failure', async () => {
    const { keeper, started, reasons } = await setUp();
    keeper.replace();
    expect(started[0]?.alive).toBe(false);
    await vi.advanceTimersByTimeAsync(0);
    expect(keeper.current?.number).toBe(1);
    expect([reasons, keeper.restarts]).toEqual([[], 0]);
    await keeper.close();
  });

  test('is held back on request, and starts when it is released', async () => {
    const { keeper, started, reasons } = await setUp();
    keeper.hold(new GatewayError('engine_out_of_memory'));
    await vi.advanceTimersByTimeAsync(1_000_000);
    expect(started).toHaveLength(1);
    expect(keeper.state).toBe('down');
    expect(keeper.failure?.code).toBe('engine_out_of_memory');
    expect(keeper.nextTryMs).toBe(Number.POSITIVE_INFINITY);
    keeper.release();
    await vi.advanceTimersByTimeAsync(0);
    expect(keeper.current?.number).toBe(1);
    expect(reasons).toEqual([]);
    await keeper.close();
  });

  test('tells of every change', async () => {
    const { keeper, started } = await setUp();
    const states: string[] = [];
    keeper.changes.on('change', () => states.push(keeper.state));
    started[0]?.die();
    await vi.advanceTimersByTimeAsync(250);
    expect(states).toEqual(['starting', 'up']);
    await keeper.close();
    expect(states.at(-1)).toBe('down');
  });

  test('lets nobody wait for longer than they want', async () => {
    const { keeper, started, state } = await setUp();
    state.broken = 'model_load_failed';
    started[0]?.die();
    const controller = new AbortController();
    const cancelled = expect(keeper.available(60_000, controller.signal)).rejects.toMatchObject({
      code: 'cancelled',
    });
    controller.abort();
    await cancelled;
    const closed = expect(keeper.available(60_000)).rejects.toMatchObject({
      code: 'engine_unavailable',
    });
    await keeper.close();
    await closed;
    await expect(keeper.available(60_000)).rejects.toMatchObject({ code: 'engine_unavailable' });
  });

  test('ends a process that becomes ready in the moment of closing', async () => {
    const first = createProcess(0);
    const second = createProcess(1);
    let becomeReady: (process: typeof second) => void = () => {};
    const starts = [
      Promise.resolve(first),
      new Promise<typeof second>((resolve) => {
        becomeReady = resolve;
      }),
    ];
    const keeper = await ProcessKeeper.start({
      start: async () => await (starts.shift() ?? first),
    });
    first.die();
    await vi.advanceTimersByTimeAsync(250);
    becomeReady(second);
    await keeper.close();
    expect(second.alive).toBe(false);
  });

  test('starts nothing once it is closed', async () => {
    const { keeper, started, reasons } = await setUp();
    started[0]?.die();
    await vi.advanceTimersByTimeAsync(100);
    await keeper.close();
    await keeper.close();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(started).toHaveLength(1);
    expect(reasons).toEqual(['engine_died']);
    expect(vi.getTimerCount()).toBe(0);
  });
});
