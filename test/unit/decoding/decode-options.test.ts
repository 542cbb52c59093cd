import { expect, test } from 'vitest';
import { decodeOptions } from '../../../src/decoding/decode-options.js';
import { rungs } from '../../../src/decoding/index.js';
import type { Lane } from '../../../src/engine/index.js';

const speech = {
  language: 'en',
  task: 'transcribe',
  prompt: '',
  hotwords: [],
  chineseScript: 'as_heard',
} as const;

test('finals and files pay for precise word times, partials only while the engine has time', () => {
  const aligned = (lane: Lane) =>
    Object.values(rungs)
      .filter((rung) => decodeOptions(16_000, lane, rung, speech).alignWords)
      .map(({ name }) => name);
  const all = Object.keys(rungs);
  expect(aligned('final')).toEqual(all);
  expect(aligned('batch')).toEqual(all);
  expect(aligned('partial')).toEqual(all.filter((name) => name !== 'lean'));
});
