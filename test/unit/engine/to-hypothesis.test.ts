import { expect, test } from 'vitest';
import { toHypothesis } from '../../../src/engine/to-hypothesis.js';

test('a native result becomes a hypothesis: words without their spaces, and none that are empty', () => {
  const times = { startMs: 0, endMs: 500, probability: 0.5 };
  const segment = {
    startMs: 0,
    endMs: 900,
    text: ' Hello, 世界',
    avgLogprob: -0.25,
    noSpeechProbability: 0.1,
    words: [' Hello,', ' 世', '界', ' '].map((text) => ({ text, ...times })),
  };
  const native = { language: 'en', languageProbability: 0.75, segments: [segment] };
  expect(toHypothesis({ ...native, encodeMs: 3, decodeMs: 4, alignMs: 0 }, 12)).toEqual({
    language: 'en',
    languageProbability: 0.75,
    inferenceMs: 12,
    segments: [
      {
        ...segment,
        words: [
          { word: 'Hello,', spaceBefore: true, ...times },
          { word: '世', spaceBefore: true, ...times },
          { word: '界', spaceBefore: false, ...times },
        ],
      },
    ],
  });
});
