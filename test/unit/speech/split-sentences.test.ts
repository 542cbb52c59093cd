import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitSentences } from '../../../src/speech/split-sentences.js';

const texts = (text: string, maxChars = 240) =>
  splitSentences(text, maxChars).map((piece) => piece.text);

describe('splitSentences', () => {
  it.each([
    ['Hello there. How are you? Fine!', ['Hello there.', 'How are you?', 'Fine!']],
    ['Dr. Smith met Mrs. Jones. They left.', ['Dr. Smith met Mrs. Jones.', 'They left.']],
    ['J. K. Rowling wrote it. I read it.', ['J. K. Rowling wrote it.', 'I read it.']],
    ['So do I. You too?', ['So do I.', 'You too?']],
    ['It costs 3.14 euros, e.g. today.', ['It costs 3.14 euros, e.g. today.']],
    ['She said “Go.” He went.', ['She said “Go.”', 'He went.']],
    ['A line\nAnother line', ['A line', 'Another line']],
    ['It was Mr.\nA new line', ['It was Mr.', 'A new line']],
    ['你好。今天天气很好！你呢？', ['你好。', '今天天气很好！', '你呢？']],
    ['こんにちは。元気ですか？', ['こんにちは。', '元気ですか？']],
    ['  ', []],
    ['Without an end', ['Without an end']],
  ])('%j', (text, expected) => {
    expect(texts(text)).toEqual(expected);
  });

  it('cuts a long sentence at a clause rather than between words', () => {
    const text = 'When the rain had stopped, the children ran out into the garden to play';
    expect(splitSentences(text, 60)).toEqual([
      { text: 'When the rain had stopped,', endsSentence: false },
      { text: 'the children ran out into the garden to play', endsSentence: true },
    ]);
  });

  it('cuts between words where there is no clause', () => {
    expect(texts('one two three four five six', 12)).toEqual(['one two', 'three four', 'five six']);
  });

  it('cuts a word that is too long, and never inside of a character', () => {
    expect(texts('a'.repeat(25), 10)).toEqual(['a'.repeat(10), 'a'.repeat(10), 'a'.repeat(5)]);
    expect(texts('😀'.repeat(5), 5)).toEqual(['😀😀', '😀😀', '😀']);
  });

  it('cuts a long Chinese sentence at its commas', () => {
    const text = `${'天'.repeat(20)}，${'地'.repeat(20)}。`;
    expect(texts(text, 30)).toEqual([`${'天'.repeat(20)}，`, `${'地'.repeat(20)}。`]);
  });

  it('keeps every character but spaces, in pieces that are short enough', () => {
    const bare = (text: string) => text.replace(/\s+/gu, '');
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), (text) => {
        const pieces = texts(text, 20);
        expect(bare(pieces.join(''))).toBe(bare(text));
        for (const piece of pieces) expect(piece.length).toBeLessThanOrEqual(20);
      }),
    );
  });
});
