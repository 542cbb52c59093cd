import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { frameSamples, type PackedWindow, WindowPacker } from '../../../src/audio/index.js';

const maxWindowMs = 10_240;
/** Frames of a window, of the pre-roll and of the post-roll. */
const [longest, preRoll, postRoll] = [320, 10, 6];

/** One character a frame of 32 ms: `x` is speech, `~` is between the thresholds, `.` is silence. */
function play(
  pattern: string,
  { piece = pattern.length, start = { at: 0, speaking: false } } = {},
): PackedWindow[] {
  const packer = new WindowPacker({ speechThreshold: 0.5, maxWindowMs }, start);
  const windows: PackedWindow[] = [];
  for (let from = start.at / frameSamples; from < pattern.length; from += piece) {
    const frames = [...pattern.slice(from, from + piece)];
    // Every sample is the number of its frame, so that a window shows where its audio is from.
    const pcm = new Int16Array(frames.length * frameSamples);
    for (let frame = 0; frame < frames.length; frame++) {
      pcm.fill(from + frame, frame * frameSamples, (frame + 1) * frameSamples);
    }
    const probabilities = frames.map((frame) => (frame === 'x' ? 0.9 : frame === '~' ? 0.4 : 0.1));
    windows.push(...packer.write(pcm, Float32Array.from(probabilities)));
  }
  return [...windows, ...packer.flush()];
}

function spans(windows: readonly PackedWindow[]): string[] {
  return windows.map(
    ({ start, end, next }) =>
      `${start / frameSamples}-${end / frameSamples}${next.speaking ? ' …' : ''}`,
  );
}

const speech = (frames: number) => 'x'.repeat(frames);
const silence = (frames: number) => '.'.repeat(frames);

describe('WindowPacker', () => {
  test('silence and clicks give no window', () => {
    expect(play(`${silence(200)}xx${silence(200)}`)).toEqual([]);
  });

  test('sentences with short pauses share a window, from before the first to after the last', () => {
    const pattern = `${silence(40)}${speech(50)}${silence(20)}${speech(30)}${silence(100)}`;
    expect(spans(play(pattern))).toEqual([`${40 - preRoll}-${140 + postRoll}`]);
  });

  test('a long silence ends a window at once', () => {
    const pattern = `${speech(50)}${silence(63)}${speech(50)}${silence(80)}`;
    expect(spans(play(pattern))).toEqual([`0-${50 + postRoll}`, `103-${163 + postRoll}`]);
  });

  test('a full window is cut in its longest late pause, and what follows goes on as the next', () => {
    const pattern = `${speech(100)}${silence(30)}${speech(70)}${silence(12)}${speech(50)}${silence(6)}${speech(90)}`;
    // The pause of 30 frames is longer, but early; the one of 6 frames is shorter.
    expect(spans(play(pattern))).toEqual([`0-206`, `206-358`]);
  });

  test('a pause before the middle is taken rather than cutting speech', () => {
    const pattern = `${speech(130)}${silence(20)}${speech(250)}`;
    expect(spans(play(pattern))).toEqual(['0-136', '140-400']);
  });

  test('speech without any pause is cut at its quietest, and both sides hold the seam', () => {
    const windows = play(`${speech(245)}~${speech(300)}`);
    expect(spans(windows)).toEqual(['0-308 …', '184-504 …', '380-546']);
  });
});

/** Every run plays minutes of audio, and most of them several times. */
const numRuns = 40;

/** Runs of speech, pauses and in-between, long enough for cuts of every kind. */
const patterns = fc
  .array(
    fc.tuple(
      fc.constantFrom('x', '.', '~'),
      fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 500 })),
    ),
    { maxLength: 20 },
  )
  .map((runs) => runs.map(([frame, count]) => frame.repeat(count)).join(''));

describe('WindowPacker, whatever is said', () => {
  test('every frame of a run of speech is in a window, and windows are in order and not too long', () => {
    fc.assert(
      fc.property(patterns, (pattern) => {
        const windows = play(pattern);
        const covered = new Set<number>();
        let position = 0;
        for (const { start, end, pcm, next } of windows) {
          expect(pcm.length).toBe(end - start);
          expect(pcm[0]).toBe(start / frameSamples);
          expect(pcm.at(-1)).toBe(end / frameSamples - 1);
          expect(end - start).toBeLessThanOrEqual(longest * frameSamples);
          expect(start).toBeGreaterThanOrEqual(position);
          expect(next.at < end).toBe(next.speaking);
          position = next.at;
          for (let at = start; at < end; at += frameSamples) covered.add(at / frameSamples);
        }
        for (const run of pattern.matchAll(/x{3,}/g)) {
          const frames = Array.from({ length: run[0].length }, (_, frame) => run.index + frame);
          expect(frames.filter((frame) => !covered.has(frame))).toEqual([]);
        }
      }),
      { numRuns },
    );
  });

  test('the windows are the same whatever the pieces', () => {
    fc.assert(
      fc.property(patterns, fc.integer({ min: 1, max: 100 }), (pattern, piece) => {
        expect(spans(play(pattern, { piece }))).toEqual(spans(play(pattern)));
      }),
      { numRuns },
    );
  });

  test('packing again from behind any window gives the windows that followed it', () => {
    fc.assert(
      fc.property(patterns, (pattern) => {
        const windows = play(pattern);
        for (const [index, { next }] of windows.entries()) {
          expect(spans(play(pattern, { start: next }))).toEqual(spans(windows.slice(index + 1)));
        }
      }),
      { numRuns },
    );
  });
});
