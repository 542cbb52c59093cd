import { describe, expect, test } from 'vitest';
import { startWorkerPool } from '../../support/native-engine.js';
import { eventually, impatient, recordEvents, textOf } from '../../support/pool-events.js';
import { isRunning } from '../../support/processes.js';
import { expectEveryWord, speak } from '../../support/speak.js';
import { startGateway } from '../../support/start-gateway.js';

/** A gateway over a pool whose only worker is at hand. */
async function start(options: Parameters<typeof startWorkerPool>[0] = {}) {
  const { events, hooks } = recordEvents();
  const pool = await startWorkerPool({ threads: 0, cores: 2, hooks, ...options });
  const gateway = await startGateway({}, { engine: pool });
  const worker = () => pool.workerPids[0] as number;
  return { pool, gateway, events, worker };
}

describe('in the middle of a stream, a worker', () => {
  test.each(['SIGSEGV', 'SIGABRT', 'SIGKILL'] as const)(
    'that ends by %s costs no word',
    async (signal) => {
      const { gateway, events, worker } = await start();
      const client = await speak(gateway, () => process.kill(worker(), signal));
      await expectEveryWord(client);
      expect(events).toEqual(['CPU: engine_died']);
    },
  );

  test('that is stopped (SIGSTOP) is killed and replaced, and costs no word', async () => {
    const { gateway, events, worker } = await start({
      // Enough for the second try on a machine that is slow, and for that to begin while it is of use.
      liveTimeoutMs: 15_000,
      abortTimeoutMs: 2_000,
    });
    const stopped = worker();
    const client = await speak(gateway, () => process.kill(stopped, 'SIGSTOP'));
    await expectEveryWord(client);
    expect(events).toEqual(['CPU: engine_timeout']);
    expect(isRunning(stopped)).toBe(false);
  });
});

test('ten crashes in a row: it is tried less and less often, and all is well after the last', async () => {
  // Pauses of the same length, for the sake of the test's own.
  const breaker = { ...impatient, pause: { baseMs: 300, factor: 1, maxMs: 300 } };
  const { pool, gateway, events, worker } = await start({ breaker });
  const notReady = new Set<number>();
  for (let crashes = 1; crashes <= 10; crashes++) {
    await eventually(() => pool.ready).toBe(true);
    process.kill(worker(), 'SIGSEGV');
    await eventually(() => pool.restarts).toBe(crashes);
    notReady.add((await fetch(`${gateway.url}/ready`)).status);
  }
  expect([...notReady]).toEqual([503]);
  expect(events.filter((event) => event === 'CPU: engine_died')).toHaveLength(10);
  expect(events.filter((event) => event === 'CPU: left for 300 ms')).toHaveLength(8);
  expect(await textOf(pool)).toContain('fellow Americans');
  expect((await fetch(`${gateway.url}/ready`)).status).toBe(200);

  // That success has closed the breaker: the next death is the first one again.
  process.kill(worker(), 'SIGSEGV');
  await eventually(() => pool.restarts).toBe(11);
  await eventually(() => pool.ready).toBe(true);
  expect(events.at(-1)).toBe('CPU: engine_died');
});
