import { expect, test } from 'vitest';
import { MeetingClock } from '../../../../clients/meeting-bot/src/meeting-clock.js';

const samples = 1_600;

test('tracks of one page lie to each other as their samples do', () => {
  const clock = new MeetingClock(10_000);
  // Heard 5 s after the beginning; the block is 100 ms long.
  expect(clock.place('page', 0, samples, 15_100)).toBe(5_000);
  // What comes late was not heard late.
  expect(clock.place('page', 1_600, samples, 15_400)).toBe(5_100);
  expect(clock.place('page', 1_600, samples, 15_200)).toBe(5_100);
});

test('a page that stood still goes on where the wall clock is', () => {
  const clock = new MeetingClock(0);
  clock.place('page', 0, samples, 100);
  expect(clock.place('page', 1_600, samples, 3_200)).toBe(3_100);
  expect(clock.place('page', 3_200, samples, 3_300)).toBe(3_200);
});

test('a page that was loaded anew has another audio clock, and so has a frame', () => {
  const clock = new MeetingClock(0);
  clock.place('page', 0, samples, 100);
  expect(clock.place('frame', 80_000, samples, 9_100)).toBe(9_000);
  expect(clock.place('page', 16_000, samples, 1_100)).toBe(1_000);
  expect(clock.place('frame', 81_600, samples, 9_200)).toBe(9_100);
});

test('pages are forgotten at last', () => {
  const clock = new MeetingClock(0);
  for (let i = 0; i < 100; i++) clock.place(`page ${i}`, 0, samples, 100);
  expect(clock.place('page 0', 0, samples, 7_100)).toBe(7_000);
});
