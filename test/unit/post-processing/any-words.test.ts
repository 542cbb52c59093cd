import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createPostProcessor, UtteranceText } from '../../../src/post-processing/index.js';
import type { PostProcessingRules } from '../../../src/protocol/index.js';
import {
  joinWords,
  type TimedWord,
  withoutTrailingPunctuation,
} from '../../../src/transcript/index.js';
import { processed } from './set-up.js';

/** Few words, so that phrases are found, begun and not found, and found in one another. */
const cores = ['a', 'b', 'A', 'um', '微', '信', '微信', 'x1', '—', '"a', '5', 'a-b', 'U.S'];
const trails = ['', '', '', ',', '.', '!"', '%', '。'];

const wordsArbitrary: fc.Arbitrary<TimedWord[]> = fc
  .array(
    fc.record({
      core: fc.constantFrom(...cores),
      trail: fc.constantFrom(...trails),
      gapMs: fc.nat(400),
      lengthMs: fc.nat(300),
      probability: fc.double({ min: 0, max: 1, noNaN: true }),
      spaceBefore: fc.boolean(),
    }),
    { maxLength: 14 },
  )
  .map((list) => {
    let atMs = 0;
    return list.map(({ core, trail, gapMs, lengthMs, probability, spaceBefore }) => {
      const startMs = atMs + gapMs;
      atMs = startMs + lengthMs;
      return { word: core + trail, startMs, endMs: atMs, probability, spaceBefore };
    });
  });

const phraseArbitrary = fc
  .array(fc.constantFrom('a', 'b', 'um', '微', '信', '微信', '5', 'a,', 'a.', 'u.s.'), {
    minLength: 1,
    maxLength: 4,
  })
  .map((words) => words.join(' '));

const rulesArbitrary: fc.Arbitrary<PostProcessingRules> = fc.record({
  replacements: fc.array(
    fc.record({
      from: phraseArbitrary,
      to: fc.constantFrom('', 'Long Replacement.', 'b', 'iX', '微'),
    }),
    { maxLength: 5 },
  ),
  mask: fc.record({
    words: fc.array(phraseArbitrary, { maxLength: 3 }),
    style: fc.constantFrom('letters', 'blank', 'removed'),
  }),
  formatting: fc.constantFrom('none', 'sentences', 'plain'),
});

/** Words as they are committed: the signs behind the last one are still open. */
function committed(words: readonly TimedWord[], count: number): TimedWord[] {
  const last = words[count - 1];
  if (!last) return [];
  return [...words.slice(0, count - 1), { ...last, word: withoutTrailingPunctuation(last.word) }];
}

describe('whatever the rules and the words are', () => {
  test('what was shown as committed only grows, and the final begins with it', () => {
    fc.assert(
      fc.property(
        rulesArbitrary,
        wordsArbitrary,
        fc.array(fc.constantFrom('en', 'de')),
        fc.boolean(),
        (rules, words, languages, hasHook) => {
          // A hook that answers otherwise each time changes nothing that was shown.
          let asked = 0;
          const hook = hasHook
            ? (word: string) => ['', word, `${word}x`, 'y'][asked++ % 4] ?? ''
            : undefined;
          const text = new UtteranceText(createPostProcessor(rules, hook));
          let shown = '';
          for (let count = 0; count <= words.length; count++) {
            const language = languages[count] ?? 'en';
            const partial = text.partial(committed(words, count), words, language);
            expect(partial.committed.startsWith(shown)).toBe(true);
            expect(joinWords(text.committed)).toBe(partial.committed);
            shown = partial.committed;
          }
          expect(joinWords(text.final(words, 'de', true)).startsWith(shown)).toBe(true);
        },
      ),
      { numRuns: 400 },
    );
  });

  test('committed and tentative text together are the text', () => {
    fc.assert(
      fc.property(rulesArbitrary, wordsArbitrary, fc.nat(14), (rules, words, count) => {
        const text = new UtteranceText(createPostProcessor(rules));
        const stands = committed(words, Math.min(count, words.length));
        const { committed: first, tentative } = text.partial(stands, words, 'en');
        expect(first + tentative).toBe(joinWords(processed(words, rules)));
      }),
      { numRuns: 300 },
    );
  });

  test('times stay in order, inside of what was heard, and probabilities are probabilities', () => {
    fc.assert(
      fc.property(rulesArbitrary, wordsArbitrary, (rules, words) => {
        let atMs = words[0]?.startMs ?? 0;
        for (const { word, startMs, endMs, probability } of processed(words, rules)) {
          expect(word).not.toBe('');
          expect(startMs).toBeGreaterThanOrEqual(atMs);
          expect(endMs).toBeGreaterThanOrEqual(startMs);
          expect(probability).toBeGreaterThanOrEqual(0);
          expect(probability).toBeLessThanOrEqual(1);
          atMs = endMs;
        }
        expect(atMs).toBeLessThanOrEqual(words.at(-1)?.endMs ?? 0);
      }),
      { numRuns: 300 },
    );
  });

  test('a word that no rule names stays as it is', () => {
    fc.assert(
      fc.property(wordsArbitrary, (words) => {
        const rules = {
          replacements: [{ from: ['z', 'a z', '微z', 'um um z'], to: '' }],
          mask: { words: ['5 z'], style: 'removed' as const },
        };
        expect(processed(words, rules)).toEqual(words);
      }),
    );
  });

  test('plain text made plain again is the same', () => {
    fc.assert(
      fc.property(wordsArbitrary, (words) => {
        const once = processed(words, { formatting: 'plain' });
        expect(processed(once, { formatting: 'plain' })).toEqual(once);
      }),
    );
  });
});
