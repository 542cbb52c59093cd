import { describe, expect, test } from 'vitest';
import { UtteranceTranscript } from '../../../src/transcript/index.js';
import { wordsOf } from './words-of.js';

function heard(...partials: string[]): UtteranceTranscript {
  const transcript = new UtteranceTranscript();
  for (const partial of partials) transcript.partial(wordsOf(partial), 0);
  return transcript;
}

describe('UtteranceTranscript', () => {
  test('a stable final begins with the committed words and revises nothing', () => {
    const transcript = heard('I can see', 'I can see you');
    const final = transcript.final(wordsOf('I can sea you now.'), 0, true);
    expect(final.text).toBe('I can see you now.');
    expect(final.revised).toEqual([]);
  });

  test('a stable final has the times of its own window, and keeps those of words that are not in it', () => {
    const transcript = heard('one two three four', 'one two three four');
    const final = transcript.final(wordsOf('three fore five', 650), 600, true);
    expect(final.text).toBe('one two three four five');
    // Of "four" the final heard something else, so that its time stays as well.
    expect(final.words.map(({ startMs }) => startMs)).toEqual([0, 300, 650, 900, 1_250]);
  });

  test('a revised final is the best decode and names every word it changed', () => {
    const transcript = heard('I can see', 'I can see you');
    const final = transcript.final(wordsOf('We can sea you now.'), 0, false);
    expect(final.text).toBe('We can sea you now.');
    expect(final.revised).toEqual([
      { index: 0, from: 'I', to: 'We' },
      { index: 2, from: 'see', to: 'sea' },
    ]);
  });

  test('a word that is gone and a word that came in between are named', () => {
    const transcript = heard('one two three', 'one two three four');
    const { revised } = transcript.final(wordsOf('one three and four'), 0, false);
    expect(revised.find(({ from }) => from === 'two')).toEqual({ index: 1, from: 'two', to: '' });
  });

  test('windows begin anew behind a committed sentence, once enough of it lies behind', () => {
    const text = 'One two three. Four five six seven eight nine ten eleven twelve';
    const transcript = heard(text, text);
    const sentenceEnds = 880;
    expect(transcript.trimPoint(0, { fromMs: 6_000, keptMs: 2_000 })).toBeNull();
    expect(transcript.trimPoint(0, { fromMs: 3_000, keptMs: 2_000 })).toBe(sentenceEnds);
    expect(transcript.trimPoint(sentenceEnds, { fromMs: 3_000, keptMs: 2_000 })).toBeNull();
    const final = transcript.final(wordsOf('Four five six', 900), sentenceEnds, true);
    expect(final.text).toBe(`${text}`);
  });

  test('confidence is the mean of the words, and 0 without any', () => {
    expect(heard().final(wordsOf('one two'), 0, true).confidence).toBeCloseTo(0.9);
    expect(heard().final([], 0, true)).toMatchObject({ text: '', confidence: 0 });
  });
});
