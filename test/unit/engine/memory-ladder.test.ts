import { describe, expect, test } from 'vitest';
import { createMemoryLadder, memoryRungs } from '../../../src/engine/memory-ladder.js';

describe('the rungs', () => {
  test('of a GPU: fewer slots, less context, a smaller model, the CPU', () => {
    const rungs = memoryRungs({ slots: 6, fallbackModel: true, gpu: true });
    expect(rungs.map(({ step, slots }) => [step, slots])).toEqual([
      [null, 6],
      ['fewer_slots', 3],
      ['fewer_slots', 1],
      ['smaller_context', 1],
      ['smaller_model', 1],
      ['cpu', 1],
    ]);
    expect(rungs.map(({ lean, fallbackModel, onCpu }) => [lean, fallbackModel, onCpu])).toEqual([
      [false, false, false],
      [false, false, false],
      [false, false, false],
      [true, false, false],
      [true, true, false],
      [true, true, true],
    ]);
  });

  test('of a CPU with one slot and no smaller model: only less context', () => {
    const rungs = memoryRungs({ slots: 1, fallbackModel: false, gpu: false });
    expect(rungs.map(({ step }) => step)).toEqual([null, 'smaller_context']);
  });
});

describe('a memory ladder', () => {
  const rungs = memoryRungs({ slots: 4, fallbackModel: false, gpu: false });

  test('goes down one rung at a time, and stays at the bottom', () => {
    const ladder = createMemoryLadder(rungs, 1_000);
    expect(ladder).toMatchObject({ settled: true, rung: { slots: 4 } });
    expect([ladder.descend(), ladder.rung.slots]).toEqual([true, 2]);
    expect([ladder.descend(), ladder.rung.slots]).toEqual([true, 1]);
    expect([ladder.descend(), ladder.rung.lean]).toEqual([true, true]);
    expect([ladder.descend(), ladder.rung.lean]).toEqual([false, true]);
    expect(ladder.settled).toBe(false);
  });

  test('goes up one rung at a time, and settles at the top when it was quiet there too', () => {
    const ladder = createMemoryLadder(rungs, 1_000);
    ladder.descend();
    ladder.descend();
    expect([ladder.climb(), ladder.rung.slots]).toEqual([true, 2]);
    expect([ladder.climb(), ladder.rung.slots, ladder.settled]).toEqual([true, 4, false]);
    expect([ladder.climb(), ladder.rung.slots, ladder.settled]).toEqual([false, 4, true]);
  });

  test('tries what did not hold less and less often, until it holds', () => {
    const ladder = createMemoryLadder(rungs, 1_000);
    const quiet: number[] = [];
    for (let i = 0; i < 7; i++) {
      ladder.descend();
      quiet.push(ladder.quietMs);
      ladder.climb();
    }
    expect(quiet).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 16_000, 16_000]);
    // Quiet for as long as was asked: it holds.
    ladder.climb();
    expect(ladder.quietMs).toBe(1_000);
  });
});
