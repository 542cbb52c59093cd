import { expect, test } from 'vitest';
import { SpeakingLoad } from '../../../src/scheduler/index.js';

/** One on a clock of its own. */
function create() {
  let nowMs = 0;
  const load = new SpeakingLoad(() => nowMs);
  const pass = (ms: number) => {
    nowMs += ms;
  };
  /** Windows of so many seconds that took so long. */
  const decode = (
    lane: 'final' | 'partial',
    count: number,
    audioMs: number,
    inferenceMs: number,
  ) => {
    for (let i = 0; i < count; i++) load.decoded(lane, audioMs, inferenceMs);
  };
  const speak = (count: number) => {
    for (let i = 0; i < count; i++) load.asked(`s${i}`);
  };
  return { load, pass, decode, speak };
}

test('while nothing is known of what speech costs, everybody is let in', () => {
  const { load, decode, speak } = create();
  speak(1_000);
  decode('final', 3, 5_000, 5_000);
  decode('partial', 3, 5_000, 5_000);
  expect(load.isFull(1)).toBe(false);
});

test('as many may speak as the slots have time for their finals', () => {
  const { load, decode, speak } = create();
  // 0.1 s of a slot for a second: 0.5 / (0.8 × 0.1) = 6.25 speakers a slot.
  decode('final', 4, 5_000, 500);
  speak(5);
  expect(load.isFull(1)).toBe(false);
  speak(6);
  expect(load.isFull(1)).toBe(true);
  expect(load.isFull(2)).toBe(false);
});

test('those who were let in count before they speak, once', () => {
  const { load, decode, speak } = create();
  decode('final', 4, 5_000, 500);
  for (let i = 0; i < 6; i++) load.admitted(`s${i}`);
  expect(load.isFull(1)).toBe(true);
  speak(6);
  speak(6);
  expect(load.isFull(1)).toBe(true);
  load.left('s3');
  expect(load.isFull(1)).toBe(false);
});

test('those who leave without a word do not count: connections that come and go keep nobody out', () => {
  const { load, decode } = create();
  decode('final', 4, 5_000, 500);
  for (let i = 0; i < 6; i++) {
    load.admitted(`s${i}`);
    load.left(`s${i}`);
  }
  expect(load.isFull(1)).toBe(false);
});

test('those who are silent for ten seconds do not count', () => {
  const { load, pass, decode, speak } = create();
  decode('final', 4, 5_000, 500);
  speak(3);
  for (let i = 3; i < 6; i++) load.admitted(`s${i}`);
  pass(10_000);
  expect(load.isFull(1)).toBe(true);
  pass(1);
  expect(load.isFull(1)).toBe(false);
});

test('before the first finals partials tell what speech costs', () => {
  const { load, decode, speak } = create();
  speak(6);
  decode('partial', 4, 1_000, 200);
  expect(load.isFull(1)).toBe(true);
  decode('final', 4, 5_000, 250);
  expect(load.isFull(1)).toBe(false);
});

test('what speech costs follows the newest windows', () => {
  const { load, decode, speak } = create();
  speak(6);
  decode('final', 100, 5_000, 5_000);
  expect(load.isFull(1)).toBe(true);
  decode('final', 32, 5_000, 50);
  expect(load.isFull(1)).toBe(false);
});
