import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Keepalive } from '../../../src/transport/keepalive.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function watched() {
  const seen: string[] = [];
  const keepalive = new Keepalive(
    { idleTimeoutMs: 10_000, pingIntervalMs: 1_000 },
    {
      ping: () => seen.push('ping'),
      idle: () => seen.push('idle'),
      dead: () => seen.push('dead'),
    },
  );
  return { keepalive, seen };
}

test('two pings without an answer are the end of a connection', () => {
  const { seen } = watched();
  vi.advanceTimersByTime(3_000);
  expect(seen).toEqual(['ping', 'ping', 'dead']);
});

test('a pong or a frame is a sign of life, but only a frame is something said', () => {
  const { keepalive, seen } = watched();
  for (let second = 1; second < 10; second++) {
    vi.advanceTimersByTime(1_000);
    if (second % 2) keepalive.pong();
  }
  vi.advanceTimersByTime(1_000);
  expect(seen).not.toContain('dead');
  expect(seen).toContain('idle');
  keepalive.frame();
  vi.advanceTimersByTime(2_000);
  expect(seen.filter((event) => event === 'idle')).toHaveLength(1);
});

test('nobody is dead or idle whom we do not read, and pings go on', () => {
  const { keepalive, seen } = watched();
  keepalive.hold();
  vi.advanceTimersByTime(20_000);
  expect(new Set(seen)).toEqual(new Set(['ping']));
  keepalive.release();
  vi.advanceTimersByTime(3_000);
  expect(seen.at(-1)).toBe('dead');
  keepalive.close();
  const before = seen.length;
  vi.advanceTimersByTime(60_000);
  expect(seen).toHaveLength(before);
});
