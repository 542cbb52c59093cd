import { expect, test } from 'vitest';
import { createWaitingTimes } from '../../../src/scheduler/waiting-times.js';

test('percentiles are waits that happened', () => {
  const times = createWaitingTimes();
  expect(times.percentiles()).toBeNull();
  times.add(7);
  expect(times.percentiles()).toEqual({ p50: 7, p95: 7, p99: 7 });
  for (let wait = 100; wait > 0; wait--) if (wait !== 7) times.add(wait);
  expect(times.percentiles()).toEqual({ p50: 50, p95: 95, p99: 99 });
});

test('only the latest 500 count', () => {
  const times = createWaitingTimes();
  for (let i = 0; i < 1_000; i++) times.add(1_000_000);
  for (let i = 0; i < 500; i++) times.add(1);
  expect(times.percentiles()).toEqual({ p50: 1, p95: 1, p99: 1 });
});
