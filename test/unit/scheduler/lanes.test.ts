import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Lane } from '../../../src/engine/index.js';
import { createLanes, lanesByUrgency } from '../../../src/scheduler/lanes.js';

interface Item {
  lane: Lane;
  key: string;
  id: number;
}

const lane = fc.constantFrom(...lanesByUrgency);
const key = fc.constantFrom('a', 'b', 'c');
const items = fc
  .array(fc.record({ lane, key }), { maxLength: 40 })
  .map((given): Item[] => given.map((item, id) => ({ ...item, id })));

function filled(pushed: readonly Item[]) {
  const lanes = createLanes<Item>();
  for (const item of pushed) lanes.push(item);
  return lanes;
}

/** Everything that is taken until nothing is left. */
function drained(lanes: { take(): Item | undefined }): Item[] {
  const taken: Item[] = [];
  for (let item = lanes.take(); item; item = lanes.take()) taken.push(item);
  return taken;
}

describe('lanes', () => {
  test('come in order of urgency, and in rounds in which each key has one turn', () => {
    fc.assert(
      fc.property(items, (pushed) => {
        const expected = lanesByUrgency.flatMap((each) => {
          const inLane = pushed.filter((item) => item.lane === each);
          const keys = [...new Set(inLane.map((item) => item.key))];
          const lines = keys.map((name) => inLane.filter((item) => item.key === name));
          const rounds = Math.max(0, ...lines.map((line) => line.length));
          return Array.from({ length: rounds }, (_, round) =>
            lines.flatMap((line) => line.slice(round, round + 1)),
          ).flat();
        });
        expect(drained(filled(pushed))).toEqual(expected);
      }),
    );
  });

  test('lose nothing and give nothing twice, whatever is done in between', () => {
    const operation = fc.constantFrom('push', 'pushFirst', 'take', 'remove', 'replace');
    const step = fc.record({ operation, lane, key, pick: fc.nat() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const lanes = createLanes<Item>();
        const waiting = new Set<Item>();
        for (const [id, { operation, lane, key, pick }] of steps.entries()) {
          const item = { lane, key, id };
          const known = [...waiting][pick % Math.max(1, waiting.size)];
          switch (operation) {
            case 'push':
            case 'pushFirst':
              lanes[operation](item);
              waiting.add(item);
              break;
            case 'take': {
              const taken = lanes.take();
              expect(taken === undefined).toBe(waiting.size === 0);
              if (taken) expect(waiting.delete(taken)).toBe(true);
              break;
            }
            case 'remove':
              expect(lanes.remove(known ?? item)).toBe(known !== undefined);
              if (known) waiting.delete(known);
              break;
            case 'replace': {
              const fits = known?.lane === lane && known.key === key;
              expect(lanes.replace(known ?? item, item)).toBe(fits);
              if (fits) waiting.delete(known);
              if (fits) waiting.add(item);
              break;
            }
          }
          expect(lanes.size).toBe(waiting.size);
          for (const each of lanesByUrgency) {
            const inLane = [...waiting].filter((other) => other.lane === each);
            expect(lanes.sizeOf(each)).toBe(inLane.length);
          }
        }
        expect(new Set(drained(lanes))).toEqual(waiting);
      }),
    );
  });

  test('a replacement inherits the turn', () => {
    const [a, b, c]: Item[] = ['a', 'b', 'c'].map((key, id) => ({ lane: 'partial', key, id }));
    const lanes = filled([a, b, c] as Item[]);
    const newer: Item = { lane: 'partial', key: 'a', id: 9 };
    lanes.replace(a as Item, newer);
    expect(drained(lanes)).toEqual([newer, b, c]);
  });

  test('one lane can be taken from alone', () => {
    const lanes = filled([
      { lane: 'final', key: 'a', id: 0 },
      { lane: 'batch', key: 'a', id: 1 },
    ]);
    expect(lanes.take('batch')?.id).toBe(1);
    expect(lanes.take('partial')).toBeUndefined();
    expect(lanes.sizeOf('final')).toBe(1);
  });
});
