import { describe, expect, test } from 'vitest';
import { beforeLoop, joinWords, suspicionOf, withoutLoops } from '../../../src/transcript/index.js';
import { charactersOf, wordsOf } from './words-of.js';

function judge(
  text: string,
  { seconds = 10, avgLogprob = -0.2, words = wordsOf(text) } = {},
): ReturnType<typeof suspicionOf> {
  const segments = [{ avgLogprob, noSpeechProbability: 0, words }];
  return suspicionOf({ segments }, words, seconds * 1000);
}

describe('suspicionOf', () => {
  test.each([
    'Yes.',
    'No.',
    'No, no, no, no.',
    'And so my fellow Americans ask not what your country can do for you',
    'ask what you can do, ask what you can do',
    'one zero zero zero one nine oh two one oh zero one eight zero three',
  ])('people say: %s', (text) => {
    expect(judge(text)).toBeNull();
  });

  test.each([
    'you you you you you',
    'Thank you. Thank you. Thank you. Thank you.',
    'we will see what we will see what we will see what we will see',
  ])('a loop: %s', (text) => {
    expect(judge(text)).toBe('loop');
  });

  test('a loop of characters in a script without spaces', () => {
    const words = charactersOf('谢谢大家谢谢大家谢谢大家谢谢大家');
    expect(judge('', { words })).toBe('loop');
    expect(judge('', { words: charactersOf('这次再发生涉嫌标志剽窃丑闻') })).toBeNull();
  });

  test('more text than anybody says in that time', () => {
    const text = 'And so my fellow Americans ask not what your country can do';
    expect(judge(text, { seconds: 1.2 })).toBe('too_fast');
    expect(judge('', { words: charactersOf('这次再发生涉嫌标志剽窃丑闻云南'), seconds: 1 })).toBe(
      'too_fast',
    );
  });

  test('a guess of the model, and tags where somebody spoke', () => {
    expect(judge('Something else', { avgLogprob: -1.3 })).toBe('unlikely');
    const segments = [{ avgLogprob: 0, noSpeechProbability: 0, words: wordsOf('[music]') }];
    expect(suspicionOf({ segments }, [], 5_000)).toBe('tags_only');
    expect(suspicionOf({ segments: [] }, [], 5_000)).toBeNull();
  });

  test('words that pile up at the end of what may be no speech, or are too many for it', () => {
    const atEnd = (durationMs: number) =>
      wordsOf('so that was all and thank you bye').map((word, index) =>
        index < 3 ? word : { ...word, startMs: durationMs - 10, endMs: durationMs },
      );
    const heard = (noSpeechProbability: number, durationMs: number) => {
      const words = atEnd(durationMs);
      return suspicionOf(
        { segments: [{ avgLogprob: -0.2, noSpeechProbability, words }] },
        words,
        durationMs,
      );
    };
    expect(heard(0.5, 10_000)).toBe('beyond_audio');
    expect(heard(0.1, 1_200)).toBe('beyond_audio');
    // The model's times are rough: real words pile up too.
    expect(heard(0.1, 2_000)).toBeNull();
  });
});

test('withoutLoops keeps as many repeats as people say', () => {
  const kept = withoutLoops(wordsOf('I think you you you you you you you are right'));
  expect(joinWords(kept)).toBe('I think you you you you are right');
});

test('what was said before a loop is kept, but nothing of what noise is made into', () => {
  const said = beforeLoop(wordsOf('the invention of the invention of the invention of'));
  expect(joinWords(said ?? [])).toBe('the invention of');
  expect(beforeLoop(wordsOf('you you you you you you'))).toBeNull();
  expect(beforeLoop(wordsOf('Thank you. Thank you. Thank you. Thank you.'))).toBeNull();
  expect(beforeLoop(wordsOf('nothing here repeats'))).toBeNull();
});
