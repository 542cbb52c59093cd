import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ProcessKeeper } from '../../../src/engine/process-keeper.js';
import { GatewayError } from '../../../src/errors/index.js';

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

/** A keeper whose starts from the second one on fail where `broken` says so. */
async function setUp() {
  const started: ReturnType<typeof createProcess>[] = [];
  const reasons: string[] = [];
  const state = { broken: false };
  const keeper = await ProcessKeeper.start({
    start: async () => {
      if (state.broken) throw new GatewayError('model_load_failed');
      const process = createProcess(started.length);
      started.push(process);
      return process;
    },
    onRestart: (reason) => reasons.push(reason.code),
  });
  return { keeper, started, reasons, state };
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

  test('waits longer each time, up to 10 s, until something succeeds', async () => {
    const { keeper, started, reasons, state } = await setUp();
    state.broken = true;
    started[0]?.die();
    const waits = [250, 500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000];
    for (const [i, waitMs] of waits.entries()) {
      await vi.advanceTimersByTimeAsync(waitMs - 1);
      expect(reasons).toHaveLength(i + 1);
      await vi.advanceTimersByTimeAsync(1);
      expect(reasons).toHaveLength(i + 2);
    }
    expect(reasons.slice(1)).toEqual(Array(8).fill('model_load_failed'));
    state.broken = false;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(keeper.current?.number).toBe(1);

    // Up, but without any success yet.
    started[1]?.die();
    await vi.advanceTimersByTimeAsync(9_999);
    expect(keeper.current).toBeNull();
    await vi.advanceTimersByTimeAsync(1);
    keeper.succeeded();
    started[2]?.die();
    await vi.advanceTimersByTimeAsync(250);
    expect(keeper.current?.number).toBe(3);
    await keeper.close();
  });

  test('lets nobody wait for longer than they want', async () => {
    const { keeper, started, state } = await setUp();
    state.broken = true;
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
