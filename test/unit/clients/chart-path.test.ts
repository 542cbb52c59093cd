import { describe, expect, test } from 'vitest';
import { areaPath, linePath, niceMax } from '../../../clients/web/src/monitor/chart-path.js';

const frame = { begin: 0, end: 60_000, max: 10 };
const at = (seconds: number, value: number | null) => ({ at: seconds * 1_000, value });

describe('the line of a chart', () => {
  test('goes through all points, from left to right and from 0 up', () => {
    const points = [at(0, 0), at(5, 10), at(10, 5)];
    expect(linePath(points, frame)).toBe('M0.0 100.0L50.0 0.0L100.0 50.0');
    expect(areaPath(points, frame)).toBe('M0.0 100.0L0.0 100.0L50.0 0.0L100.0 50.0L100.0 100.0Z');
  });

  test('is broken where there was nothing, and where nobody looked', () => {
    const points = [at(0, 1), at(1, null), at(2, 1), at(3, 1), at(30, 1)];
    expect(linePath(points, frame).match(/M/g)).toHaveLength(3);
    expect(linePath([], frame)).toBe('');
    expect(areaPath([at(1, null)], frame)).toBe('');
  });
});

test('a scale ends with a number that people read', () => {
  expect([0, 1, 1.2, 4, 5, 6, 20, 21, 999].map((value) => niceMax(value, 1))).toEqual([
    1, 1, 2, 5, 5, 10, 20, 50, 1_000,
  ]);
  expect(niceMax(3, 2_000)).toBe(2_000);
});
