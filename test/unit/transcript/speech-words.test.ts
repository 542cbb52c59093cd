import { describe, expect, test } from 'vitest';
import { joinWords, speechWords } from '../../../src/transcript/index.js';
import { wordsOf } from './words-of.js';

function text(sentence: string, segment = { avgLogprob: -0.3, noSpeechProbability: 0.1 }): string {
  return joinWords(speechWords({ segments: [{ ...segment, words: wordsOf(sentence) }] }, 0));
}

describe('speechWords', () => {
  test.each([
    ['[BLANK_AUDIO]', ''],
    ['(dramatic music) Yes. (applause)', 'Yes.'],
    ['♪ la la ♪', 'la la'],
    ['[ Silence ] No.', 'No.'],
    ['... Yes.', 'Yes.'],
    ['It is 5 % more.', 'It is 5 % more.'],
  ])('%s becomes "%s"', (said, kept) => {
    expect(text(said)).toBe(kept);
  });

  test('a segment that the model takes for silence is left out, a sure one stays', () => {
    expect(text('Thank you.', { avgLogprob: -1.4, noSpeechProbability: 0.9 })).toBe('');
    expect(text('Thank you.', { avgLogprob: -0.2, noSpeechProbability: 0.9 })).toBe('Thank you.');
  });

  test('times are moved to the clock of the session', () => {
    const [word] = speechWords(
      { segments: [{ avgLogprob: 0, noSpeechProbability: 0, words: wordsOf('one') }] },
      5_000,
    );
    expect(word).toMatchObject({ startMs: 5_000, endMs: 5_280 });
  });
});
