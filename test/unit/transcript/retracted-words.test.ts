import { expect, test } from 'vitest';
import { retractedWords } from '../../../src/transcript/index.js';

const words = (text: string) => text.split(' ').map((word) => ({ word }));
const retracted = (before: string, committed: number, after: string) => {
  const { tentative, committed: lost } = retractedWords(
    { words: words(before), committed },
    words(after),
  );
  return [tentative, lost];
};

test.each([
  ['words that follow take nothing back', 'we shall', 0, 'we shall fight', [0, 0]],
  ['case and punctuation are no change', 'we shall', 2, 'We shall, fight', [0, 0]],
  ['another word is', 'we shell fight', 1, 'we shall fight', [1, 0]],
  ['and so is one that is gone', 'we shall fight', 1, 'we shall', [1, 0]],
  [
    'a word that comes between moves the rest, and takes nothing back',
    'we fight',
    1,
    'we shall fight',
    [0, 0],
  ],
  ['a committed word counts as such', 'on the beaches and in', 4, 'on the peaches and at', [1, 1]],
  ['all of them', 'you you you', 0, 'thank', [3, 0]],
  ['words in another order', 'a b c d', 0, 'c d a b', [2, 0]],
])('%s', (_, before, committed, after, lost) => {
  expect(retracted(before, committed, after)).toEqual(lost);
});

test('nothing was shown before', () => {
  expect(retractedWords({ words: [], committed: 0 }, words('we shall'))).toEqual({
    tentative: 0,
    committed: 0,
  });
});
