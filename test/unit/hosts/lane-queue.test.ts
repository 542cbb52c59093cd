import { expect, test } from 'vitest';
import { LaneQueue } from '../../../src/hosts/lane-queue.js';

const never = new AbortController().signal;

function queueOf(slots: number) {
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const limit = { slots };
  const queue = new LaneQueue(() => limit.slots);
  const run = (name: string, lane: 'final' | 'partial' | 'batch', signal = never) =>
    queue.run(lane, signal, () => {
      begun.push(name);
      return new Promise<void>((resolve) => ends.set(name, resolve));
    });
  const end = async (name: string) => {
    ends.get(name)?.();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { queue, run, end, begun, limit };
}

test('of what waits finals go first, then partials, then files, each in order', async () => {
  const { queue, run, end, begun } = queueOf(1);
  const all = [
    run('running', 'batch'),
    run('file', 'batch'),
    run('preview', 'partial'),
    run('first', 'final'),
    run('second', 'final'),
  ];
  await Promise.resolve();
  expect([queue.running, queue.waiting]).toEqual([1, 4]);
  for (const name of ['running', 'first', 'second', 'preview', 'file']) await end(name);
  await Promise.all(all);
  expect(begun).toEqual(['running', 'first', 'second', 'preview', 'file']);
  expect([queue.running, queue.waiting]).toEqual([0, 0]);
});

test('what is cancelled while it waits never begins, and holds nobody up', async () => {
  const { run, end, begun } = queueOf(1);
  const abort = new AbortController();
  const running = run('running', 'batch');
  const cancelled = run('cancelled', 'final', abort.signal);
  const last = run('last', 'final');
  abort.abort();
  await expect(cancelled).rejects.toMatchObject({ code: 'cancelled' });
  await end('running');
  await end('last');
  await Promise.all([running, last]);
  expect(begun).toEqual(['running', 'last']);
});

test('more slots are used as soon as it is told', async () => {
  const { queue, run, end, begun, limit } = queueOf(1);
  const all = [run('a', 'final'), run('b', 'final')];
  limit.slots = 2;
  queue.look();
  await Promise.resolve();
  expect(queue.running).toBe(2);
  for (const name of ['a', 'b']) await end(name);
  await Promise.all(all);
  expect(begun).toEqual(['a', 'b']);
});
