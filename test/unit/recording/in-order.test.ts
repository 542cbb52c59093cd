import { expect, test } from 'vitest';
import { inOrder } from '../../../src/recording/in-order.js';

/** Numbers from 0 on, and whether the source was told to stop. */
function numbers(count: number) {
  const seen = { taken: 0, ended: false };
  async function* source() {
    try {
      for (; seen.taken < count; ) yield seen.taken++;
    } finally {
      seen.ended = true;
    }
  }
  return { source: source(), seen };
}

test('results come in order, whichever is ready first', async () => {
  const { source } = numbers(6);
  const delays = [30, 5, 20, 0, 10, 0];
  const work = (item: number) =>
    new Promise<number>((resolve) => setTimeout(resolve, delays[item], item));
  const results: number[] = [];
  for await (const result of inOrder(source, () => 3, work)) results.push(result);
  expect(results).toEqual([0, 1, 2, 3, 4, 5]);
});

test('no more items are taken than may be worked on, and the limit may change', async () => {
  const { source, seen } = numbers(10);
  const finish: (() => void)[] = [];
  let limit = 1;
  const work = () => new Promise<void>((resolve) => finish.push(resolve));
  const results = inOrder(source, () => limit, work);
  const first = results.next();
  await expect.poll(() => finish.length).toBe(1);
  expect(seen.taken).toBe(1);
  limit = 3;
  finish[0]?.();
  await first;
  const second = results.next();
  await expect.poll(() => finish.length).toBe(4);
  expect(seen.taken).toBe(4);
  finish[1]?.();
  await second;
  expect(seen.taken).toBe(4);
});

test('a failure comes in its turn and ends the source', async () => {
  const { source, seen } = numbers(5);
  const work = async (item: number) => {
    if (item === 1) throw new Error('broken');
    return item;
  };
  const results = inOrder(source, () => 4, work);
  await expect(results.next()).resolves.toEqual({ done: false, value: 0 });
  await expect(results.next()).rejects.toThrow('broken');
  expect(seen.ended).toBe(true);
});

test('leaving early ends the source', async () => {
  const { source, seen } = numbers(5);
  for await (const _ of inOrder(
    source,
    () => 2,
    async (item) => item,
  ))
    break;
  expect(seen.ended).toBe(true);
  expect(seen.taken).toBeLessThan(4);
});
