import { expect, test } from 'vitest';
import { inScript, joinWords } from '../../../src/transcript/index.js';
import { charactersOf } from './words-of.js';

test.each([
  ['simplified', '丽江两酒吧涉酒托被停业'],
  ['traditional', '麗江兩酒吧涉酒託被停業'],
  ['as_heard', '丽江兩酒吧涉酒托被停業'],
] as const)('mixed text becomes %s', (script, expected) => {
  const words = inScript(charactersOf('丽江兩酒吧涉酒托被停業'), script);
  // What stands for several characters of the other script is a matter of context.
  expect(joinWords(words).replaceAll('託', '托')).toBe(expected.replaceAll('託', '托'));
});
