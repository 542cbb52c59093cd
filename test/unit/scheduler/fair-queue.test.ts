import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createFairQueue, type Share } from '../../../src/scheduler/fair-queue.js';

interface Item extends Share {
  readonly id: number;
}

let lastId = 0;

function item(key: string, sessionId: string, { weight = 1, seconds = 1 } = {}): Item {
  return { key, sessionId, weight, seconds, sessionCost: seconds, id: ++lastId };
}

function filled(items: readonly Item[]) {
  const queue = createFairQueue<Item>();
  for (const each of items) queue.push(each);
  return queue;
}

function take(queue: { take(): Item | undefined }, count = Number.POSITIVE_INFINITY): Item[] {
  const taken: Item[] = [];
  while (taken.length < count) {
    const next = queue.take();
    if (!next) break;
    taken.push(next);
  }
  return taken;
}

const names = (items: readonly Item[]) => items.map(({ key, sessionId }) => key + sessionId);

/** Seconds that were served to each by its name. */
function served(items: readonly Item[], name: (item: Item) => string): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const each of items) sums[name(each)] = (sums[name(each)] ?? 0) + each.seconds;
  return sums;
}

describe('a fair queue', () => {
  test('gives keys turns, and within a key its sessions', () => {
    const queue = filled([
      item('a', '1'),
      item('a', '1'),
      item('a', '1'),
      item('a', '2'),
      item('b', '3'),
      item('b', '3'),
    ]);
    expect(names(take(queue))).toEqual(['a1', 'b3', 'a2', 'b3', 'a1', 'a1']);
  });

  test('gives a key with many sessions no more than a key with one', () => {
    const many = ['1', '2', '3', '4'].map((session) => item('many', session));
    const queue = filled([...many, item('one', '5'), item('one', '5')]);
    expect(served(take(queue, 4), ({ key }) => key)).toEqual({ many: 2, one: 2 });
  });

  test('counts seconds, not windows', () => {
    const long = Array.from({ length: 2 }, () => item('long', 'x', { seconds: 20 }));
    const short = Array.from({ length: 8 }, () => item('short', 'y', { seconds: 5 }));
    const queue = filled([...long, ...short]);
    expect(names(take(queue, 6))).toEqual(['longx', ...Array(4).fill('shorty'), 'longx']);
  });

  test('gives a key its weight', () => {
    const heavy = Array.from({ length: 40 }, () => item('heavy', 'x', { weight: 3 }));
    const light = Array.from({ length: 40 }, () => item('light', 'y'));
    const queue = filled([...light, ...heavy]);
    expect(served(take(queue, 40), ({ key }) => key)).toEqual({ heavy: 30, light: 10 });
  });

  test('keeps in mind who just had a turn, also where nothing of his waited meanwhile', () => {
    const queue = filled([item('a', '1', { seconds: 20 }), item('b', '2'), item('b', '2')]);
    expect(names(take(queue, 1))).toEqual(['a1']);
    queue.push(item('a', '1', { seconds: 20 }));
    expect(names(take(queue))).toEqual(['b2', 'b2', 'a1']);
  });

  test('gives nobody more for having been away', () => {
    const queue = filled(Array.from({ length: 20 }, () => item('a', '1')));
    take(queue, 10);
    for (let i = 0; i < 10; i++) queue.push(item('b', '2'));
    expect(served(take(queue, 10), ({ key }) => key)).toEqual({ a: 5, b: 5 });
  });

  test('gives back a turn that was interrupted, without a second charge', () => {
    const queue = filled([item('a', '1'), item('a', '1'), item('b', '2'), item('b', '2')]);
    const [first] = take(queue, 1);
    queue.putBack(first as Item);
    expect(queue.peek()).toBe(first);
    expect(names(take(queue))).toEqual(['a1', 'b2', 'a1', 'b2']);
  });

  test('takes back an item that gave its turn to another session, and asks nothing of it again', () => {
    const queue = filled([item('a', '1'), item('a', '1'), item('b', '2')]);
    const [first] = take(queue, 1);
    queue.giveWay(first as Item);
    expect(names(take(queue, 1))).toEqual(['b2']);
    for (let i = 0; i < 2; i++) queue.push(item('b', '2'));
    const rest = take(queue);
    expect(rest[0]).toBe(first);
    // Charged once more, it would leave a turn of b before the next of a.
    expect(names(rest)).toEqual(['a1', 'a1', 'b2', 'b2']);
  });

  test('charges a failed one for its next turn, ahead of its session', () => {
    const queue = filled([item('a', '1'), item('b', '2')]);
    const [failed] = take(queue, 1);
    queue.push(item('a', '1'));
    queue.pushFirst(failed as Item);
    const rest = take(queue);
    expect(names(rest)).toEqual(['b2', 'a1', 'a1']);
    expect(rest[1]).toBe(failed);
  });

  test('lets a replacement inherit the turn, within its session only', () => {
    const [a, b] = [item('a', '1'), item('b', '2')];
    const queue = filled([a, b]);
    const newer = item('a', '1');
    expect(queue.replace(a, item('a', '9'))).toBe(false);
    expect(queue.replace(a, newer)).toBe(true);
    expect(queue.replace(a, newer)).toBe(false);
    expect(take(queue)).toEqual([newer, b]);
  });

  test('loses nothing and gives nothing twice, whatever is done in between', () => {
    const operation = fc.constantFrom(
      ...(['push', 'pushFirst', 'putBack', 'giveWay', 'take', 'remove', 'replace'] as const),
    );
    const step = fc.record({
      operation,
      key: fc.constantFrom('a', 'b'),
      session: fc.constantFrom('1', '2'),
      weight: fc.constantFrom(0.5, 1, 3),
      seconds: fc.integer({ min: 1, max: 28 }),
      pick: fc.nat(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const queue = createFairQueue<Item>();
        const waiting = new Set<Item>();
        for (const { operation, key, session, pick, ...share } of steps) {
          const fresh = item(key, session, share);
          const known = [...waiting][pick % Math.max(1, waiting.size)];
          switch (operation) {
            case 'push':
            case 'pushFirst':
            case 'putBack':
            case 'giveWay':
              queue[operation](fresh);
              waiting.add(fresh);
              break;
            case 'take': {
              const next = queue.peek();
              expect(queue.take()).toBe(next);
              expect(next === undefined).toBe(waiting.size === 0);
              if (next) expect(waiting.delete(next)).toBe(true);
              break;
            }
            case 'remove':
              expect(queue.remove(known ?? fresh)).toBe(known !== undefined);
              if (known) waiting.delete(known);
              break;
            case 'replace': {
              const fits = known?.key === key && known.sessionId === session;
              expect(queue.replace(known ?? fresh, fresh)).toBe(fits);
              if (fits) waiting.delete(known);
              if (fits) waiting.add(fresh);
              break;
            }
          }
          expect(queue.size).toBe(waiting.size);
        }
        expect(new Set(take(queue))).toEqual(waiting);
      }),
    );
  });

  test('serves those who wait in proportion, give or take one window of each', () => {
    const seconds = fc.integer({ min: 1, max: 28 });
    const flow = fc.record({
      weight: fc.constantFrom(0.5, 1, 2, 5),
      windows: fc.array(seconds, { minLength: 60, maxLength: 60 }),
    });
    fc.assert(
      fc.property(fc.array(flow, { minLength: 2, maxLength: 4 }), (flows) => {
        const queue = createFairQueue<Item>();
        for (const [name, { weight, windows }] of flows.entries()) {
          for (const [index, length] of windows.entries()) {
            queue.push(item(`k${name}`, `s${index % 2}`, { weight, seconds: length }));
          }
        }
        // Until the first of them has nothing left, all of them wait all the time.
        const counts: Record<string, number> = {};
        const byKey: Record<string, number> = {};
        const bySession: Record<string, number> = {};
        while (Object.values(counts).every((count) => count < 30)) {
          const { key, sessionId, weight, seconds: length } = queue.take() as Item;
          const session = key + sessionId;
          counts[session] = (counts[session] ?? 0) + 1;
          byKey[key] = (byKey[key] ?? 0) + length / weight;
          bySession[session] = (bySession[session] ?? 0) + length;
          const apart = flows.flatMap((one, i) =>
            flows.map((other, j) => {
              const difference = Math.abs((byKey[`k${i}`] ?? 0) - (byKey[`k${j}`] ?? 0));
              return difference - (28 / one.weight + 28 / other.weight);
            }),
          );
          expect(Math.max(...apart)).toBeLessThanOrEqual(1e-9);
          const sessions = ['s0', 's1'].map((name) => bySession[key + name] ?? 0);
          expect(Math.abs((sessions[0] ?? 0) - (sessions[1] ?? 0))).toBeLessThanOrEqual(2 * 28);
        }
      }),
    );
  });
});
