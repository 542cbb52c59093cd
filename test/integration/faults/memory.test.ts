import { describe, expect, onTestFinished, test } from 'vitest';
import type { Stats } from '../../../src/http/index.js';
import { createScheduler, retryPolicies } from '../../../src/scheduler/index.js';
import { audioWindow } from '../../support/audio-window.js';
import { jfkSamples } from '../../support/jfk-samples.js';
import { limitMemory, roomOf } from '../../support/limit-memory.js';
import { putIntoMemoryGroup } from '../../support/memory-group.js';
import { addonPath, modelPath, startWorkerPool } from '../../support/native-engine.js';
import { eventually, failure, recordEvents, textOf } from '../../support/pool-events.js';
import { pretendGpus } from '../../support/pretended-gpus.js';
import { schedulerOptions } from '../../support/scheduler-options.js';
import { expectEveryWord, speak } from '../../support/speak.js';
import { startGateway } from '../../support/start-gateway.js';

const megabyte = 1e6;
const never = new AbortController().signal;
const said = 'fellow Americans';
/** A beam of eight takes 60 MB more than the state was opened with. */
const heavy = audioWindow({
  pcm: jfkSamples.subarray(0, 40_000),
  options: { audioContext: 300, beamSize: 8 },
});

/** A scheduler over a pool, which tries a window again as often as the ladder has rungs. */
async function start(options: Parameters<typeof startWorkerPool>[0]) {
  const { events, hooks } = recordEvents();
  const pool = await startWorkerPool({ slots: 2, hooks, ...options });
  const retry = retryPolicies({ maxRetries: 5, retryDelayMs: 100 });
  const scheduler = createScheduler({ ...schedulerOptions, engine: pool, retry });
  onTestFinished(() => scheduler.close());
  const slots: number[] = [];
  pool.onSlotsChanged((count) => slots.push(count));
  const transcribe = async () => {
    const { segments } = await scheduler.submit({ window: heavy });
    return segments.map(({ text }) => text).join('');
  };
  return { pool, scheduler, transcribe, events, slots };
}

describe('memory that runs out for real', () => {
  test('while computing: slots and context are given up and taken back, and the text is right', async () => {
    const { pool, scheduler, transcribe, events, slots } = await start({ memoryQuietMs: 4_000 });
    const worker = pool.workerPids[0] as number;
    limitMemory(worker, 2 * megabyte);
    expect(await transcribe()).toContain(said);
    expect(scheduler.stats.oom_errors).toBeGreaterThan(0);
    expect([events[0], slots[0]]).toEqual(['CPU: down fewer_slots', 1]);

    limitMemory(pool.workerPids[0] as number, null);
    await eventually(() => events.at(-1)).toBe('CPU: up fewer_slots');
    expect([slots.at(-1), pool.notes]).toEqual([2, []]);
    expect(await Promise.all([textOf(pool), textOf(pool)])).toHaveLength(2);
    // An error that the addon can tell of costs no process.
    expect(pool.workerPids).toEqual([worker]);
  });

  test('also while it tries to take back what it gave up', async () => {
    const { pool, events } = await start({ memoryQuietMs: 500 });
    const worker = pool.workerPids[0] as number;
    limitMemory(worker, 2 * megabyte);
    expect((await failure(pool.transcribe(heavy, never))).code).toBe('engine_out_of_memory');
    // The memory of the second state is given to somebody else as soon as it is free.
    await eventually(() => roomOf(worker)).toBeGreaterThan(50 * megabyte);
    limitMemory(worker, 2 * megabyte);
    await eventually(() => events.slice(0, 3)).toEqual([
      'CPU: down fewer_slots',
      'CPU: up fewer_slots',
      expect.stringMatching(/^CPU: (down fewer_slots|engine_)/),
    ]);
    await eventually(() => pool.slots).toBe(1);
    for (const pid of pool.workerPids) limitMemory(pid, null);
    await eventually(() => pool.notes).toEqual([]);
    expect(await textOf(pool)).toContain(said);
  });

  test('during a stream: no word is lost, and /health tells of it', async () => {
    const { pool, events } = await start({});
    // Before its first window, which touches memory that none has touched.
    limitMemory(pool.workerPids[0] as number, 2 * megabyte);
    const gateway = await startGateway({}, { engine: pool });
    const client = await speak(gateway, () => {});
    await expectEveryWord(client);
    expect(events[0]).toBe('CPU: down fewer_slots');
    expect(gateway.health()).toMatchObject({
      status: 'degraded',
      ready: true,
      slots: 1,
      notes: [expect.stringMatching(/^Memory ran out on the CPU, which goes on with 1 of 2/)],
    });
    const stats = (await (await fetch(`${gateway.url}/v1/stats`)).json()) as Stats;
    expect(stats).toMatchObject({ max_concurrent: 1, oom_errors: expect.any(Number), restarts: 0 });
    expect(stats.oom_errors).toBeGreaterThan(0);
    const metrics = await (await fetch(`${gateway.url}/metrics`)).text();
    const counted = /^whisper_gateway_oom_errors_total\{lane="(\w+)"\} (\d+)$/gm;
    const sum = [...metrics.matchAll(counted)].reduce(
      (total, [, , count]) => total + Number(count),
      0,
    );
    expect(sum).toBe(stats.oom_errors);
  });

  test('while loading: it starts with what fits', async () => {
    const machine = pretendGpus({ states: 3 });
    const { pool, events } = await start({ addonPath: machine.addonPath, slots: 8 });
    const step = ['CPU: engine_out_of_memory', 'CPU: down fewer_slots'];
    expect(events).toEqual([...step, ...step]);
    expect(pool.slots).toBe(2);
    expect(await Promise.all([textOf(pool), textOf(pool)])).toHaveLength(2);
  });

  test('on a GPU that has none at all: a smaller model is tried, then the CPU takes over', async () => {
    const machine = pretendGpus({ gpus: [1], states: 0 });
    const { pool, events } = await start({
      devices: [{ gpu: 0, addonPath: machine.addonPath, slots: 1 }],
      spare: { gpu: null, addonPath, slots: 1 },
      fallbackModel: { name: 'smaller', path: modelPath },
      memoryQuietMs: 1_500,
    });
    expect(events.slice(0, 7)).toEqual([
      'GPU 0: engine_out_of_memory',
      'GPU 0: down smaller_context',
      'GPU 0: engine_out_of_memory',
      'GPU 0: down smaller_model',
      'GPU 0: engine_out_of_memory',
      'GPU 0: down cpu',
      'fallback: engine_out_of_memory',
    ]);
    expect(pool.info.backend).toBe('cpu');
    expect(pool.notes[0]).toContain('inference runs on the CPU');
    expect(await textOf(pool)).toContain(said);

    machine.change({ gpus: [8e9] });
    await eventually(() => pool.info).toMatchObject({ backend: 'cuda', model: 'smaller' });
    await eventually(() => pool.info).toMatchObject({ backend: 'cuda', model: 'base-q8_0' });
    await eventually(() => pool.notes).toEqual([]);
    expect(await textOf(pool)).toContain(said);
  });

  test('where not even the least fits: the pool cannot start, and says why', async () => {
    // For real: less than the model itself takes.
    const { addonPath: path } = pretendGpus({ roomBytes: 200 * megabyte });
    const error = await failure(startWorkerPool({ addonPath: path }));
    expect(error.code).toBe('engine_out_of_memory');
  });

  test('beyond the limit of its group: the kernel kills it, and it goes on with less', async (context) => {
    const { pool, transcribe, events } = await start({});
    if (!putIntoMemoryGroup(pool.workerPids[0] as number, 60 * megabyte)) return context.skip();
    expect(await transcribe()).toContain(said);
    expect(events).toEqual(['CPU: engine_out_of_memory', 'CPU: down fewer_slots']);
  });
});
