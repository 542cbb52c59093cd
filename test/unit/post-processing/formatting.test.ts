import { describe, expect, test } from 'vitest';
import { createPostProcessor, postProcessTranscript } from '../../../src/post-processing/index.js';
import type { PostProcessingRules } from '../../../src/protocol/index.js';
import { type TimedWord, toSegments } from '../../../src/transcript/index.js';
import { charactersOf, wordsOf } from '../transcript/words-of.js';
import { textAfter } from './set-up.js';

describe('sentences', () => {
  const formatting = 'sentences';

  test.each([
    ['and so. my fellow', 'And so. My fellow'],
    ['"and so?" ask', '"And so?" Ask'],
    ['ask mr. smith, e.g. now', 'Ask mr. Smith, e.g. now'],
    ['see Dr. von Braun at 3. today', 'See Dr. von Braun at 3. today'],
    ['- yes', '- Yes'],
  ])('%s → %s', (heard, shown) => {
    expect(textAfter(wordsOf(heard), { formatting })).toBe(shown);
  });

  test('a word that a rule wrote stays as it was asked for', () => {
    const replacements = [{ from: 'i phone', to: 'iPhone' }];
    expect(textAfter(wordsOf('i phone. it rings'), { replacements, formatting })).toBe(
      'iPhone. It rings',
    );
  });

  test('a sentence begins behind a word that is left out', () => {
    const replacements = [{ from: 'um', to: '' }];
    expect(textAfter(wordsOf('um, yes. um, no'), { replacements, formatting })).toBe('Yes. No');
  });

  test('Chinese is left alone, and Turkish has its own capital', () => {
    expect(textAfter(charactersOf('你好。ok'), { formatting }, 'zh')).toBe('你好。Ok');
    expect(textAfter(wordsOf('iyi günler'), { formatting }, 'tr')).toBe('İyi günler');
  });
});

describe('plain', () => {
  test.each([
    ['And so, my "Fellow" Americans!', 'and so my fellow americans'],
    ["Don't pay $5.50, or 50%.", "don't pay $5.50 or 50%"],
    ['well — R&D and C#, #3', 'well r&d and c# #3'],
  ])('%s → %s', (heard, shown) => {
    expect(textAfter(wordsOf(heard), { formatting: 'plain' })).toBe(shown);
  });
});

describe('recordings', () => {
  function transcribed(rules: PostProcessingRules, ...parts: (readonly TimedWord[])[]) {
    const windows = parts.map((words) => ({ words, language: 'en', noSpeechProbability: 0 }));
    const transcript = {
      task: 'transcribe' as const,
      language: 'en',
      durationMs: 60_000,
      segments: toSegments(windows),
    };
    return postProcessTranscript(transcript, createPostProcessor(rules));
  }

  test('segments are cut by what was heard, and begin with what is shown', () => {
    const rules: PostProcessingRules = {
      formatting: 'plain',
      replacements: [{ from: 'um', to: '' }],
    };
    const { segments } = transcribed(rules, wordsOf('Um, and so. Um. My fellow.'));
    expect(segments.map(({ text, startMs }) => [text, startMs])).toEqual([
      ['and so', 300],
      ['my fellow', 1_200],
    ]);
  });

  test('a sentence that goes on in the next segment gets no capital', () => {
    const long = wordsOf(Array.from({ length: 80 }, (_, index) => `word${index}`).join(' '));
    const { segments } = transcribed({ formatting: 'sentences' }, long);
    expect(segments.length).toBeGreaterThan(1);
    expect(segments.map(({ text }) => text.charAt(0))).toEqual(
      segments.map((_, index) => (index === 0 ? 'W' : 'w')),
    );
  });

  test('rules of English are those of a translation', () => {
    const words = wordsOf('um yes');
    const windows = [{ words, language: 'de', noSpeechProbability: 0 }];
    const rules = { replacements: [{ from: 'um', to: '', language: 'en' }] };
    const texts = (['translate', 'transcribe'] as const).map((task) => {
      const transcript = {
        task,
        language: 'de',
        durationMs: 1_000,
        segments: toSegments(windows),
      };
      return postProcessTranscript(transcript, createPostProcessor(rules)).segments[0]?.text;
    });
    expect(texts).toEqual(['yes', 'um yes']);
  });
});
