import { describe, expect, it } from 'vitest';
import { parseStat, usageOf } from '../../../bench/live/measure/process-tree.mjs';
import { lineChart, ticks } from '../../../bench/live/report/line-chart.mjs';

describe('usage of processes', () => {
  it('reads /proc/PID/stat, whatever the process is called', () => {
    const after = '17 1 2 0 -1 4194560 900 800 0 0 100 20 3 4 20 0 11 0 555 1048576 256 0 0';
    expect(parseStat(`4711 (a (strange) name) S ${after}`)).toEqual({
      pid: 4711,
      parent: 17,
      ticks: 127,
      residentPages: 256,
    });
  });

  it('sees this process', () => {
    const { residentBytes, cpuSeconds } = usageOf(process.pid);
    expect(residentBytes).toBeGreaterThan(1e6);
    expect(cpuSeconds).toBeGreaterThan(0);
  });
});

describe('lineChart', () => {
  it.each([
    [5, [0, 1, 2, 3, 4, 5]],
    [12, [0, 2, 4, 6, 8, 10, 12]],
    [0.7, [0, 0.2, 0.4, 0.6, 0.8]],
    [0, [0, 1]],
  ])('has round ticks up to %d', (most, expected) => {
    expect(ticks(most)).toEqual(expected);
  });

  it('puts points where the axes say, and escapes labels', () => {
    const svg = lineChart({
      title: 'a < b',
      x: 'x',
      y: 'y',
      lines: [
        {
          label: 'one & only',
          points: [
            [0, 0],
            [10, 10],
          ],
        },
      ],
    });
    expect(svg).toContain('a &#60; b');
    expect(svg).toContain('one &#38; only');
    // From the lower left to the upper right corner of the box.
    expect(svg).toContain('d="M58.0 348.0L704.0 62.0"');
  });
});
