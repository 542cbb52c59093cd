import { randomBytes } from 'node:crypto';
import { describe, expect, test, vi } from 'vitest';
import type { Job, JobRequest, Upload } from '../../src/jobs/job.js';
import type { JobStore, StartedJob } from '../../src/jobs/job-store.js';
import type { FinishedWindow } from '../../src/recording/index.js';

/** What every store of jobs does. @param open An empty one, closed when the test is over. */
export function jobStoreContract(name: string, open: () => Promise<JobStore>): void {
  describe(`${name} keeps jobs`, () => {
    test('jobs are found as they were added, the newest first, by state, reference and owner', async () => {
      const store = await open();
      const [first, second] = await store.add([upload(10), upload(20)], request(), 1_000);
      const [third] = await store.add([upload(30)], request({ reference: 'r', owner: 'key_1' }), 2);
      expect(first).toMatchObject({ state: 'queued', bytes: 10, createdAtMs: 1_000, starts: 0 });
      expect(store.find(first?.id as string)).toEqual(first);
      expect(await store.fetch(first?.id as string)).toEqual(first);
      expect(await store.fetch('job_of.nobody *')).toBeUndefined();
      const all = [third, second, first];
      expect(store.list({ limit: 10 })).toEqual(all);
      expect(store.list({ limit: 2 })).toEqual(all.slice(0, 2));
      expect(store.list({ limit: 9, after: (second as Job).id })).toEqual([first]);
      expect(store.list({ limit: 9, reference: 'r' })).toEqual([third]);
      expect(store.list({ limit: 9, owner: 'key_1' })).toEqual([third]);
      expect(store.list({ limit: 9, states: ['running', 'failed'] })).toEqual([]);
      expect([store.count('queued'), store.storedBytes(), store.storedBytes(['running'])]).toEqual([
        3, 60, 0,
      ]);
    });

    test('the queue goes by priority, then age; a suspect comes first', async () => {
      const store = await open();
      const add = async (priority: number, owner: string | null = null) =>
        (await store.add([upload()], request({ priority, owner }), 1))[0]?.id as string;
      const plain = await add(0);
      const late = await add(0, 'key_1');
      const urgent = await add(5);
      expect(store.queue(9)).toEqual([urgent, plain, late]);
      expect(store.queue(9, 'key_1')).toEqual([late]);
      expect([urgent, plain, late].map((id) => store.positionOf(id))).toEqual([1, 2, 3]);
      await store.prioritize(late, 9);
      expect(store.queue(2)).toEqual([late, urgent]);
      const started = await start(store, late);
      expect(store.positionOf(late)).toBeNull();
      await started.reachedEngine();
      await store.interrupt();
      // It was not to blame.
      expect(store.find(late)).toMatchObject({ state: 'queued', fruitlessStarts: 0, starts: 1 });
    });

    test('of those who start a job, one does', async () => {
      const store = await open();
      const [job] = await store.add([upload()], request(), 1);
      const id = job?.id as string;
      const starts = await Promise.all([1, 2, 3].map((now) => store.start(id, now)));
      expect(starts.filter(Boolean)).toHaveLength(1);
      expect(store.find(id)).toMatchObject({ state: 'running', starts: 1 });
    });

    test('windows are kept in their order, and the next start goes on behind them', async () => {
      const store = await open();
      const [job] = await store.add([upload()], request(), 1);
      const id = job?.id as string;
      const first = await start(store, id);
      expect(await first.windows()).toEqual([]);
      await first.probed(9_000, 2);
      await first.usesModel('base');
      await first.reachedEngine();
      expect(store.find(id)).toMatchObject({ durationMs: 9_000, channels: 2, fruitlessStarts: 1 });
      for (const index of [0, 1, 2]) await first.addWindow(window(index), index * 1_000);
      expect(store.find(id)).toMatchObject({ model: 'base', doneMs: 2_000, fruitlessStarts: 0 });
      await store.interrupt();
      const second = await start(store, id);
      expect(await second.windows()).toEqual([0, 1, 2].map(window));
      await second.addWindow(window(3), 3_000);
      expect(await store.windows(id)).toEqual([0, 1, 2, 3].map(window));
    });

    test('a start that is over keeps nothing any more', async () => {
      const store = await open();
      const [job] = await store.add([upload()], request(), 1);
      const id = job?.id as string;
      const first = await start(store, id);
      await first.windows();
      await store.ended(id, { state: 'cancelled' }, 5, () => null);
      await store.queueAgain(id);
      const second = await start(store, id);
      await second.windows();
      await expect(first.addWindow(window(0), 1)).rejects.toMatchObject({ code: 'cancelled' });
      await expect(first.usesModel('x')).rejects.toMatchObject({ code: 'cancelled' });
      const end = { state: 'succeeded', durationMs: 1 } as const;
      expect(await store.ended(id, end, 9, () => null, first)).toBeNull();
      await second.addWindow(window(7), 1);
      expect(await store.windows(id)).toEqual([window(7)]);
      expect(await store.ended(id, end, 9, () => null, second)).toMatchObject({ endedAtMs: 9 });
      expect(await store.ended(id, { state: 'cancelled' }, 10, () => null)).toBeNull();
    });

    test('a job ends once, with a notice that is delivered or tried again', async () => {
      const store = await open();
      const [job] = await store.add([upload()], request(), 1);
      const id = job?.id as string;
      const notice = { id: 'msg_1', url: 'http://a', body: '{}', tries: 0, dueAtMs: 7 };
      const error = { code: 'not_audio', message: 'No.' } as const;
      await store.ended(id, { state: 'failed', error }, 7, (ended) => {
        expect(ended).toMatchObject({ state: 'failed', endedAtMs: 7, error });
        return notice;
      });
      expect(store.deliveries.list(9)).toEqual([notice]);
      expect(store.oldestEnded(7)).toBeUndefined();
      expect(store.oldestEnded(8)?.id).toBe(id);
      expect(await store.deliveries.take('msg_1', Date.now() + 9_000)).toBe(true);
      await store.deliveries.failed('msg_1', 99);
      expect(store.deliveries.list(9)).toEqual([{ ...notice, tries: 1, dueAtMs: 99 }]);
      await store.deliveries.settled('msg_1');
      expect(store.deliveries.list(9)).toEqual([]);
      await store.queueAgain(id);
      expect(store.find(id)).toMatchObject({ state: 'queued', error: null, endedAtMs: null });
    });

    test('a job that is removed is gone with all that was its own', async () => {
      const store = await open();
      const [job, other] = await store.add([upload(), upload()], request(), 1);
      const id = job?.id as string;
      const started = await start(store, id);
      await started.windows();
      await started.addWindow(window(0), 1);
      expect(await store.remove(id, true)).toBe(false);
      expect(await store.remove(id)).toBe(true);
      expect(await store.remove(id)).toBe(true);
      expect(store.find(id)).toBeUndefined();
      expect(await store.fetch(id)).toBeUndefined();
      expect(await store.windows(id)).toEqual([]);
      await expect(started.addWindow(window(1), 1)).rejects.toMatchObject({ code: 'cancelled' });
      expect(store.list({ limit: 9 })).toEqual([other]);
    });

    test('every change is told', async () => {
      const store = await open();
      const told = vi.fn();
      store.listen({
        onChanged: ({ state, doneMs }) => told(state, doneMs),
        onRemoved: () => told('removed'),
        onQueueChanged: () => told('queue'),
        onLookAgain: () => {},
      });
      const [job] = await store.add([upload()], request(), 1);
      const id = job?.id as string;
      const started = await start(store, id);
      await started.windows();
      await started.addWindow(window(0), 500);
      await store.ended(id, { state: 'cancelled' }, 1, () => null);
      await store.remove(id);
      expect(told.mock.calls).toEqual([
        ['queued', 0],
        ['queue'],
        ['running', 0],
        ['queue'],
        ['running', 500],
        ['cancelled', 500],
        ['queue'],
        ['removed'],
        ['queue'],
      ]);
    });
  });
}

export async function start(store: JobStore, id: string): Promise<StartedJob> {
  const started = await store.start(id, 3);
  if (!started) throw new Error(`${id} was not started.`);
  return started;
}

export function upload(bytes = 1): Upload {
  return { id: `job_${randomBytes(12).toString('hex')}`, name: 'a.mp3', bytes };
}

export function request(asked: Partial<JobRequest> = {}): JobRequest {
  return {
    options: {
      model: 'whisper-1',
      language: 'en',
      task: 'transcribe',
      prompt: '',
      hotwords: [],
      channels: 'mixed',
      chineseScript: 'simplified',
      postProcessing: null,
    },
    rules: null,
    priority: 0,
    reference: null,
    webhookUrl: null,
    owner: null,
    ...asked,
  };
}

/** The store looks into none of it. */
export function window(index: number): FinishedWindow {
  return { kind: 'window', text: `window ${index}`.padEnd(20_000) } as unknown as FinishedWindow;
}
