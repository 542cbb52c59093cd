import { expect, test } from 'vitest';
import { Overload } from '../../../src/scheduler/index.js';

/** One on a clock of its own. */
function create() {
  let nowMs = 0;
  const overload = new Overload({ maxFinalWaitMs: 1_000, now: () => nowMs });
  return {
    overload,
    pass: (ms: number) => {
      nowMs += ms;
    },
  };
}

test('a quarter of finals that come late is too much', () => {
  const { overload } = create();
  for (const queueMs of [10, 900, 1_000]) overload.started(queueMs);
  expect(overload.isOver(0)).toBe(false);
  overload.started(1_001);
  expect(overload.isOver(0)).toBe(true);
  overload.started(20);
  expect(overload.isOver(0)).toBe(false);
});

test('one final that waits, for a new worker for instance, says nothing', () => {
  const { overload } = create();
  overload.started(5_000);
  expect(overload.isOver(0)).toBe(false);
});

test('what was late ten seconds ago does not count any more', () => {
  const { overload, pass } = create();
  for (let i = 0; i < 8; i++) overload.started(3_000);
  expect(overload.isOver(0)).toBe(true);
  pass(10_000);
  expect(overload.isOver(0)).toBe(true);
  pass(1);
  expect(overload.isOver(0)).toBe(false);
});

test('finals that wait still are heard of before they start', () => {
  const { overload } = create();
  expect(overload.isOver(2_000)).toBe(false);
  expect(overload.isOver(2_001)).toBe(true);
});
