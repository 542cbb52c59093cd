import { expect, test } from 'vitest';
import { decodeOptions } from '../../../src/decoding/decode-options.js';
import { type Rung, rungs } from '../../../src/decoding/index.js';

const speech = {
  language: 'en',
  task: 'transcribe',
  prompt: '',
  hotwords: [],
  chineseScript: 'as_heard',
} as const;

test('precise word times are for finals and files while the engine has time', () => {
  const aligned = (rung: Rung) => decodeOptions(16_000, rung, speech).alignWords;
  expect(Object.values(rungs).map((rung) => [rung.name, aligned(rung)])).toEqual([
    ['lean', false],
    ['cut', false],
    ['tail', true],
    ['full', true],
  ]);
});
