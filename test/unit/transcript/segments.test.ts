import { expect, test } from 'vitest';
import { type HeardWords, toSegments } from '../../../src/transcript/index.js';
import { wordsOf } from './formats/transcript-of.js';

function heard(text: string, startMs = 0, language = 'en'): HeardWords {
  return { words: wordsOf(text, startMs), language, noSpeechProbability: 0.1 };
}

function texts(...windows: HeardWords[]): string[] {
  return toSegments(windows).map(({ text }) => text);
}

test('a segment is a sentence, whatever the windows it was heard in', () => {
  expect(texts(heard('Well. I think so'), heard('too. "Do you?" Yes!', 1_200))).toEqual([
    'Well.',
    'I think so too.',
    '"Do you?"',
    'Yes!',
  ]);
});

test('titles and initials end no sentence', () => {
  expect(texts(heard('Mr. Hale met J. F. Kennedy. He left.'))).toEqual([
    'Mr. Hale met J. F. Kennedy.',
    'He left.',
  ]);
});

test('a long pause and another language end a segment', () => {
  expect(texts(heard('one two'), heard('three', 2_200), heard('drei', 2_500, 'de'))).toEqual([
    'one two',
    'three',
    'drei',
  ]);
});

test('a sentence without end is divided behind a clause', () => {
  const long = `${'word '.repeat(45)}clause, ${'word '.repeat(60)}end`;
  const [first, ...rest] = texts(heard(long));
  expect(first).toMatch(/clause,$/);
  expect([first, ...rest].join(' ')).toBe(long);
});

test('a segment has the times of its words, and how sure the model was', () => {
  const [segment] = toSegments([heard('Two words.', 1_000)], 1);
  expect(segment).toMatchObject({ startMs: 1_000, endMs: 1_600, language: 'en', channel: 1 });
  expect(segment?.avgLogprob).toBeCloseTo(Math.log(0.9));
});
