import { expect, test } from 'vitest';
import { PartialPace } from '../../../src/session/partial-pace.js';

test('an idle engine is asked for every window', () => {
  const pace = new PartialPace();
  for (let end = 500; end < 5_000; end += 500) {
    expect(pace.isDue(end)).toBe(true);
    pace.begin(end);
    pace.end(20);
  }
});

test('one window at a time', () => {
  const pace = new PartialPace();
  pace.begin(500);
  expect(pace.isDue(10_000)).toBe(false);
  pace.end(null);
  expect(pace.isDue(10_000)).toBe(true);
});

test('slow answers thin partials out, to a limit, and quick ones bring them back', () => {
  const pace = new PartialPace();
  for (let round = 0; round < 20; round++) {
    pace.begin(0);
    pace.end(1_200);
  }
  expect(pace.isDue(1_500)).toBe(false);
  expect(pace.isDue(1_700)).toBe(true);
  for (let round = 0; round < 20; round++) {
    pace.begin(0);
    pace.end(60_000);
  }
  expect(pace.intervalMs).toBe(4_000);
  for (let round = 0; round < 40; round++) {
    pace.begin(0);
    pace.end(10);
  }
  expect(pace.intervalMs).toBeLessThan(50);
});
