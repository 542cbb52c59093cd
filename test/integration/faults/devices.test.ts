import { describe, expect, test } from 'vitest';
import type { Gateway } from '../../../src/gateway/index.js';
import type { Stats } from '../../../src/http/index.js';
import { addonPath, startWorkerPool } from '../../support/native-engine.js';
import {
  eventually,
  failure,
  impatient,
  recordEvents,
  shortWindow,
  textOf,
} from '../../support/pool-events.js';
import { pretendGpus } from '../../support/pretended-gpus.js';
import { expectEveryWord, speak } from '../../support/speak.js';
import { startGateway } from '../../support/start-gateway.js';

const gigabyte = 1e9;
const cpu = { gpu: null, addonPath, slots: 1 };
const said = 'fellow Americans';

/** A pool of two pretended GPUs with two slots each, and the CPU in reserve. */
async function startGpus(gpus: ReturnType<typeof pretendGpus>) {
  const { events, hooks } = recordEvents();
  const pool = await startWorkerPool({
    devices: [0, 1].map((gpu) => ({ gpu, addonPath: gpus.addonPath, slots: 2 })),
    spare: cpu,
    breaker: impatient,
    hooks,
  });
  const slots: number[] = [];
  pool.onSlotsChanged((count) => slots.push(count));
  return { pool, events, slots };
}

async function statsOf({ url }: Gateway): Promise<Stats> {
  return (await (await fetch(`${url}/v1/stats`)).json()) as Stats;
}

async function setSlots({ url }: Gateway, slots: number | 'auto'): Promise<unknown> {
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ slots });
  return (await fetch(`${url}/v1/admin/slots`, { method: 'PUT', headers, body })).json();
}

describe('several devices', () => {
  test('share the windows, and a killed worker leaves the others at work', async () => {
    const pool = await startWorkerPool({ devices: [cpu, cpu], breaker: impatient });
    expect(pool.info).toEqual({ model: 'base-q8_0', device: '2 × cpu', backend: 'cpu' });
    expect(pool.slots).toBe(2);
    const [one, two] = [textOf(pool), textOf(pool)];
    const outcomes = [one, two].map((text) => text.catch(({ code }) => code as string));
    process.kill(pool.workerPids[0] as number, 'SIGKILL');
    // Each had one: of two windows that ran at the same time one is lost, and not both.
    expect((await Promise.all(outcomes)).sort()).toEqual([
      expect.stringContaining(said),
      'engine_died',
    ]);
    expect(await Promise.all([textOf(pool), textOf(pool)])).toHaveLength(2);
    expect(pool.notes).toEqual([]);
  });

  test('one that is lost takes its slots with it, and brings them back', async () => {
    const gpus = pretendGpus({ gpus: [4 * gigabyte, 8 * gigabyte] });
    const { pool, events, slots } = await startGpus(gpus);
    expect(pool.info).toMatchObject({ device: '2 × Pretended GPU', backend: 'cuda' });
    expect([pool.slots, pool.notes]).toEqual([4, []]);

    gpus.change({ gpus: [4 * gigabyte] });
    process.kill(pool.workerPids[1] as number, 'SIGKILL');
    await eventually(() => slots).toEqual([2]);
    expect(events).toEqual([
      'GPU 1: engine_died',
      'GPU 1: backend_unavailable',
      'GPU 1: left for 400 ms',
    ]);
    expect(pool.notes).toEqual([
      expect.stringMatching(/^The worker on GPU 1 is down\. There is no GPU 1\./),
    ]);
    expect(pool.ready).toBe(true);
    expect(await Promise.all([textOf(pool), textOf(pool)])).toHaveLength(2);

    gpus.change({ gpus: [4 * gigabyte, 8 * gigabyte] });
    await eventually(() => slots).toEqual([2, 4]);
    expect(pool.notes).toEqual([]);
    expect(events).not.toContain(expect.stringContaining('fallback'));
  });

  test('one that is lost during a stream costs slots, of which an operator sees, and no word', async () => {
    const gpus = pretendGpus({ gpus: [4 * gigabyte, 8 * gigabyte] });
    const { pool } = await startGpus(gpus);
    const gateway = await startGateway({}, { engine: pool });
    const total_bytes = 24 * gigabyte;
    expect(await statsOf(gateway)).toMatchObject({
      max_concurrent: 4,
      restarts: 0,
      devices: [
        { device: 'cpu' },
        { device: 'gpu0', used_bytes: 20 * gigabyte, total_bytes },
        { device: 'gpu1', used_bytes: 16 * gigabyte, total_bytes },
      ],
    });
    const metrics = await (await fetch(`${gateway.url}/metrics`)).text();
    expect(metrics).toContain(
      `whisper_gateway_device_memory_used_bytes{device="gpu1"} ${16 * gigabyte}`,
    );
    // What an operator has set is a bound, whatever the devices would allow.
    expect(await setSlots(gateway, 3)).toEqual({ slots: 3, max_concurrent: 3 });

    const client = await speak(gateway, async () => {
      gpus.change({ gpus: [4 * gigabyte] });
      process.kill(pool.workerPids[1] as number, 'SIGKILL');
      await eventually(() => gateway.health()).toMatchObject({
        status: 'degraded',
        ready: true,
        slots: 2,
        notes: [expect.stringContaining('The worker on GPU 1 is down.')],
      });
    });
    await expectEveryWord(client);
    gpus.change({ gpus: [4 * gigabyte, 8 * gigabyte] });
    await eventually(() => gateway.health()).toMatchObject({ status: 'ok', slots: 3, notes: [] });
    expect(await setSlots(gateway, 'auto')).toEqual({ slots: 'auto', max_concurrent: 4 });
    expect((await statsOf(gateway)).restarts).toBeGreaterThanOrEqual(2);
  });

  test('the one with more memory left goes first, then the one with less to do', async () => {
    const gpus = pretendGpus({ gpus: [4 * gigabyte, 8 * gigabyte] });
    const { pool } = await startGpus(gpus);
    const first = failure(pool.transcribe(shortWindow, new AbortController().signal));
    const [, roomier] = pool.workerPids;
    process.kill(roomier as number, 'SIGKILL');
    expect((await first).code).toBe('engine_died');
    await eventually(() => pool.workerPids.length).toBe(2);

    const texts = [textOf(pool), textOf(pool)].map((text) => text.catch(({ code }) => code));
    process.kill(pool.workerPids[0] as number, 'SIGKILL');
    expect(await Promise.all(texts)).toEqual([expect.stringContaining(said), 'engine_died']);
  });
});

describe('GPUs that cannot be used', () => {
  test('where there are none: the CPU works, with one warning, until they are back', async () => {
    const gpus = pretendGpus({ gpus: [] });
    const { pool, events, slots } = await startGpus(gpus);
    expect(pool.info).toMatchObject({ device: 'cpu', backend: 'cpu' });
    expect(pool.slots).toBe(1);
    expect(events.filter((event) => event.startsWith('fallback'))).toEqual([
      'fallback: backend_unavailable',
    ]);
    expect(pool.notes[0]).toBe(
      'No GPU can be used, so inference runs on the CPU, which is slower.',
    );
    expect(await textOf(pool)).toContain(said);

    const running = textOf(pool);
    gpus.change({ gpus: [4 * gigabyte, 4 * gigabyte] });
    await eventually(() => pool.slots).toBe(4);
    expect(slots.at(-1)).toBe(4);
    expect(pool.info.backend).toBe('cuda');
    expect(pool.notes).toEqual([]);
    // What the CPU had begun it has ended, and then its worker has gone.
    expect(await running).toContain(said);
    await eventually(() => pool.workerPids.length).toBe(2);
  });

  test.each(['SIGSEGV', 'SIGABRT', 'SIGILL'] as const)(
    'where loading their addon ends in %s: the CPU works',
    async (dies) => {
      const gpus = pretendGpus({ dies, lastWords: 'CUDA error: no kernel image is available' });
      const { pool, events } = await startGpus(gpus);
      expect(pool.info.backend).toBe('cpu');
      expect(events).toContain('fallback: model_load_failed');
      expect(pool.notes).toContainEqual(
        expect.stringContaining(`The model could not be loaded: it crashed (${dies}).`),
      );
      expect(await textOf(pool)).toContain(said);
    },
  );

  test('where all of them are lost during a stream: the CPU takes over, and no word is lost', async () => {
    const gpus = pretendGpus({ gpus: [gigabyte, gigabyte] });
    const { pool, events } = await startGpus(gpus);
    const gateway = await startGateway({}, { engine: pool });
    const client = await speak(gateway, () => {
      gpus.change({ gpus: [] });
      for (const pid of pool.workerPids) process.kill(pid, 'SIGSEGV');
    });
    await expectEveryWord(client);
    expect(events).toContain('fallback: backend_unavailable');
    const health = gateway.health();
    expect(health).toMatchObject({ status: 'degraded', ready: true, backend: 'cpu', slots: 1 });
    expect(health.notes[0]).toContain('No GPU can be used, so inference runs on the CPU');
  });

  test('and no CPU either: the pool cannot start, and says why', async () => {
    const gpus = pretendGpus({ gpus: [] });
    const devices = [{ gpu: 0, addonPath: gpus.addonPath, slots: 1 }];
    const spare = { ...cpu, addonPath: '/nowhere.node' };
    const error = await failure(startWorkerPool({ devices, spare }));
    expect(error.code).toBe('backend_unavailable');
  });
});
