import { describe, expect, test } from 'vitest';
import type { Lane } from '../../../src/engine/index.js';
import { toNativeParams } from '../../../src/engine/native-params.js';
import { decodeOptions } from '../../support/audio-window.js';

describe('parameters of the addon', () => {
  test('for a greedy final window', () => {
    const options = { ...decodeOptions, prompt: 'Kubernetes', audioContext: 378, maxTokens: 64 };
    expect(toNativeParams(options, 'final', 2)).toEqual({
      language: 'en',
      translate: false,
      prompt: 'Kubernetes',
      threads: 2,
      audioContext: 384,
      tail: null,
      beamSize: 1,
      bestOf: 1,
      temperature: 0,
      temperatureIncrement: 0,
      entropyThreshold: 2.4,
      logprobThreshold: -1,
      noSpeechThreshold: 0.6,
      maxTokens: 64,
      singleSegment: false,
      suppressNonSpeech: true,
      wordTimestamps: true,
      yielding: false,
      alignWords: false,
    });
  });

  test('contexts are rounded up to what the kernels of CPUs are fast at', () => {
    const context = (audioContext: number) =>
      toNativeParams({ ...decodeOptions, audioContext }, 'partial', 1).audioContext;
    expect([0, 1, 376, 377, 1_496, 1_497, 1_500].map(context)).toEqual([
      0, 8, 376, 384, 1_496, 1_500, 1_500,
    ]);
  });

  test('a tail goes on as it is, over the full context', () => {
    const tail = { dense: 16, stride: 32 };
    expect(toNativeParams({ ...decodeOptions, tail }, 'partial', 1)).toMatchObject({
      audioContext: 0,
      tail,
    });
  });

  test('a partial is one segment', () => {
    expect(toNativeParams(decodeOptions, 'partial', 1).singleSegment).toBe(true);
    expect(toNativeParams(decodeOptions, 'batch', 1).singleSegment).toBe(false);
  });

  test('nobody but files gives way', () => {
    const yielding = (lane: Lane) => toNativeParams(decodeOptions, lane, 1).yielding;
    expect([yielding('final'), yielding('partial'), yielding('batch')]).toEqual([
      false,
      false,
      true,
    ]);
  });

  test('candidates are sampled only where there is a temperature to sample at', () => {
    const bestOf = (given: object) =>
      toNativeParams({ ...decodeOptions, ...given }, 'final', 1).bestOf;
    expect(bestOf({ temperature: 0, temperatureIncrement: 0 })).toBe(1);
    expect(bestOf({ temperature: 0.4, temperatureIncrement: 0 })).toBe(2);
    expect(bestOf({ temperature: 0, temperatureIncrement: 0.2 })).toBe(2);
  });

  test('translation', () => {
    expect(toNativeParams({ ...decodeOptions, task: 'translate' }, 'batch', 1).translate).toBe(
      true,
    );
  });
});
