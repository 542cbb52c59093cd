import { expect, test } from 'vitest';
import { PartialPace } from '../../../src/session/partial-pace.js';

/** A pace on a clock that stands still, and a window that was answered on it. */
function paceOn(clock: { ms: number }) {
  const pace = new PartialPace(() => clock.ms);
  const answer = (endMs: number, waitMs: number, runMs: number) => {
    const run = pace.begin(endMs);
    clock.ms += waitMs;
    run.started();
    clock.ms += runMs;
    run.ended(true);
  };
  return { pace, answer };
}

test('an idle engine is asked for every window', () => {
  const { pace, answer } = paceOn({ ms: 0 });
  for (let end = 500; end < 5_000; end += 500) {
    expect(pace.isDue(end)).toBe(true);
    answer(end, 0, 20);
  }
});

test('one window runs at a time', () => {
  const pace = new PartialPace();
  const run = pace.begin(500);
  run.started();
  expect(pace.isDue(10_000)).toBe(false);
  run.ended(false);
  expect(pace.isDue(10_000)).toBe(true);
});

test('while a window waits for a slot, newer ones are due, and the last of them counts', () => {
  const pace = new PartialPace();
  const older = pace.begin(500);
  expect(pace.isDue(756)).toBe(true);
  const newer = pace.begin(756);
  older.ended(false);
  newer.started();
  expect(pace.isDue(1_012)).toBe(false);
  newer.ended(true);
});

test('the wait for a turn counts from the first window that waited, not from the one that replaced it', () => {
  const clock = { ms: 0 };
  const { pace } = paceOn(clock);
  for (let end = 500; end < 2_500; end += 500) {
    pace.begin(end);
    clock.ms += 500;
  }
  expect(pace.idle).toBe(true);
  pace.begin(2_500).started();
  expect(pace.idle).toBe(false);
});

test('windows that take long thin partials out, however long they waited, and quick ones bring them back', () => {
  const { pace, answer } = paceOn({ ms: 0 });
  for (let round = 0; round < 20; round++) answer(0, 9_000, 1_200);
  expect(pace.isDue(1_500)).toBe(false);
  expect(pace.isDue(1_700)).toBe(true);
  expect(pace.idle).toBe(false);
  for (let round = 0; round < 20; round++) answer(0, 0, 10);
  expect(pace.intervalMs).toBeLessThan(50);
  expect(pace.idle).toBe(true);
});

test('a window that was given up waits no longer', () => {
  const clock = { ms: 0 };
  const { pace } = paceOn(clock);
  pace.begin(500).ended(false);
  clock.ms += 10_000;
  pace.begin(10_500).started();
  expect(pace.idle).toBe(true);
});
