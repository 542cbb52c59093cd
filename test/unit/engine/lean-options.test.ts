import { describe, expect, test } from 'vitest';
import { leanOptions } from '../../../src/engine/lean-options.js';
import { decodeOptions } from '../../support/audio-window.js';

const second = 16_000;

function contextOf(seconds: number, audioContext: number, flashAttention = false): number {
  const options = { ...decodeOptions, audioContext };
  return leanOptions(options, seconds * second, flashAttention).audioContext;
}

describe('lean options', () => {
  test('cut the context to the window and a margin of 128 frames', () => {
    expect(contextOf(4, 0)).toBe(4 * 50 + 128);
    expect(contextOf(4, 1_500)).toBe(4 * 50 + 128);
  });

  test('leave alone what is shorter already, and what is too long to be cut', () => {
    expect(contextOf(4, 300)).toBe(300);
    expect(contextOf(28, 0)).toBe(0);
  });

  test('keep to multiples of 256 with flash attention, or to the full context', () => {
    expect(contextOf(4, 0, true)).toBe(512);
    expect(contextOf(23, 0, true)).toBe(1_280);
    expect(contextOf(24, 0, true)).toBe(0);
  });

  test('end a tail, which asks for the full context, where they cut that', () => {
    const options = { ...decodeOptions, audioContext: 0, tail: { dense: 32, stride: 16 } };
    expect(leanOptions(options, 4 * second, false)).toMatchObject({
      audioContext: 328,
      tail: null,
    });
    expect(leanOptions(options, 28 * second, false)).toMatchObject({
      audioContext: 0,
      tail: options.tail,
    });
  });

  test('decode greedily, and change nothing else', () => {
    const options = { ...decodeOptions, beamSize: 5, prompt: 'Whisper', audioContext: 178 };
    expect(leanOptions(options, second, false)).toEqual({ ...options, beamSize: 1 });
  });
});
