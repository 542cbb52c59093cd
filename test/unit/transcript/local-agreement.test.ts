import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { joinWords } from '../../../src/transcript/index.js';
import { LocalAgreement } from '../../../src/transcript/local-agreement.js';
import { charactersOf, wordsOf } from './words-of.js';

describe('LocalAgreement', () => {
  test('nothing is committed by a first hypothesis', () => {
    const agreement = new LocalAgreement();
    expect(agreement.add(wordsOf('And so my'))).toEqual({
      committed: '',
      tentative: 'And so my',
    });
  });

  test('what two hypotheses in a row agree on is committed, the rest stays tentative', () => {
    const agreement = new LocalAgreement();
    agreement.add(wordsOf('And so my fella'));
    expect(agreement.add(wordsOf('And so my fellow Americans'))).toEqual({
      committed: 'And so my',
      tentative: ' fellow Americans',
    });
  });

  test('where hypotheses are rare, sure words well before the end need no second one', () => {
    const agreement = new LocalAgreement();
    const words = wordsOf('And so my fellow Americans ask');
    const unsure = words.map((word, index) => (index === 3 ? { ...word, probability: 0.4 } : word));
    expect(agreement.add(words.slice(0, 3), 0, 600).committed).toBe('And so');
    expect(agreement.add(unsure, 0, 1_500).committed).toBe('And so my');
    expect(agreement.add(unsure, 0, 2_400).committed).toBe('And so my fellow Americans ask');
    expect(agreement.add(words, 0, 1_500).committed).toBe('And so my fellow Americans ask');
  });

  test('case and punctuation do not keep words from being committed', () => {
    const agreement = new LocalAgreement();
    agreement.add(wordsOf('and so, My fellow'));
    expect(agreement.add(wordsOf('And so my fellow')).committed).toBe('And so my fellow');
  });

  test('punctuation behind the last committed word stays open until a word follows', () => {
    const agreement = new LocalAgreement();
    agreement.add(wordsOf('fellow Americans.'));
    expect(agreement.add(wordsOf('fellow Americans.'))).toEqual({
      committed: 'fellow Americans',
      tentative: '.',
    });
    expect(agreement.add(wordsOf('fellow Americans, ask')).tentative).toBe(', ask');
    expect(agreement.add(wordsOf('fellow Americans, ask not')).committed).toBe(
      'fellow Americans, ask',
    );
  });

  test('a hypothesis that spells a committed word anew neither repeats nor skips words', () => {
    const agreement = new LocalAgreement();
    agreement.add(wordsOf('the colour of the sky'));
    agreement.add(wordsOf('the colour of the sky is'));
    const after = agreement.add(wordsOf('the color of the sky is blue'));
    expect(after.committed + after.tentative).toBe('the colour of the sky is blue');
  });

  test('a hypothesis that lost its beginning goes on at the right word', () => {
    const agreement = new LocalAgreement();
    agreement.add(wordsOf('one two three four'));
    agreement.add(wordsOf('one two three four'));
    expect(agreement.add(wordsOf('three four five')).tentative).toBe(' five');
  });

  test('text without spaces is joined without spaces', () => {
    const agreement = new LocalAgreement();
    agreement.add(charactersOf('这次再发'));
    expect(agreement.add(charactersOf('这次再发生涉嫌'))).toEqual({
      committed: '这次再发',
      tentative: '生涉嫌',
    });
  });

  test('committed text only ever grows, whatever the hypotheses say', () => {
    const word = fc.constantFrom('a', 'b', 'c', 'A.', 'b,', 'C!', '...', '"d"');
    const hypothesis = fc.array(word, { maxLength: 12 });
    fc.assert(
      fc.property(fc.array(hypothesis, { maxLength: 12 }), hypothesis, (partials, final) => {
        const agreement = new LocalAgreement();
        let committed = '';
        for (const words of partials) {
          const next = agreement.add(wordsOf(words.join(' '))).committed;
          expect(next.startsWith(committed)).toBe(true);
          committed = next;
        }
        expect(joinWords(agreement.finish(wordsOf(final.join(' ')))).startsWith(committed)).toBe(
          true,
        );
      }),
    );
  });
});
