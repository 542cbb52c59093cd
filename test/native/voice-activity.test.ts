import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { NativeVoiceActivity } from '../../src/engine/native-binding.js';
import { addon, expectCode, speech, voiceActivityPath } from './support.js';

const frame = 512;
const frames = Math.floor(speech.length / frame);
const pcm = speech.subarray(0, frames * frame);

let detector: NativeVoiceActivity;

beforeEach(async () => {
  detector = await addon.loadVoiceActivity(voiceActivityPath);
});

afterEach(() => detector.free());

test('speech is told from silence', async () => {
  const speaking = await detector.probabilities(pcm);
  expect(speaking).toHaveLength(frames);
  expect(Math.max(...speaking)).toBeGreaterThan(0.95);
  detector.reset();
  const silent = await detector.probabilities(new Float32Array(50 * frame));
  expect(Math.max(...silent)).toBeLessThan(0.2);
});

describe('a stream gives the same probabilities', () => {
  test.each([1, 7, 100])('in calls of %i frames', async (count) => {
    const whole = await detector.probabilities(pcm);
    detector.reset();
    const pieces: number[] = [];
    for (let at = 0; at < frames; at += count) {
      const piece = pcm.subarray(at * frame, Math.min(frames, at + count) * frame);
      pieces.push(...(await detector.probabilities(piece)));
    }
    expect(pieces).toEqual([...whole]);
  });

  test('and without the state from before, different ones', async () => {
    const whole = await detector.probabilities(pcm);
    const forgetful: number[] = [];
    for (let at = 0; at < frames; at++) {
      detector.reset();
      forgetful.push(...(await detector.probabilities(pcm.subarray(at * frame, (at + 1) * frame))));
    }
    expect(forgetful).not.toEqual([...whole]);
  });
});

test('streams do not hear each other', async () => {
  const other = await addon.loadVoiceActivity(voiceActivityPath);
  const alone = await detector.probabilities(pcm);
  detector.reset();
  const together: number[] = [];
  for (let at = 0; at < frames; at += 10) {
    const piece = pcm.subarray(at * frame, Math.min(frames, at + 10) * frame);
    const [mine] = await Promise.all([
      detector.probabilities(piece),
      other.probabilities(new Float32Array(3 * frame)),
    ]);
    together.push(...mine);
  }
  expect(together).toEqual([...alone]);
  other.free();
});

test('one call runs at a time, and a freed stream refuses', async () => {
  const first = detector.probabilities(pcm);
  await expectCode(detector.probabilities(pcm), 'state_busy');
  detector.free();
  detector.free();
  await expectCode(detector.probabilities(pcm), 'freed');
  await expect(first).resolves.toHaveLength(frames);
});

test('a reset during a call takes effect after it', async () => {
  const start = pcm.subarray(0, 100 * frame);
  const fresh = await detector.probabilities(start);
  detector.reset();
  const running = detector.probabilities(start);
  detector.reset();
  expect(await running).toEqual(fresh);
  expect(await detector.probabilities(start)).toEqual(fresh);
});
