import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Aligner } from '../../../bench/live/measure/aligner.mjs';
import { countErrors } from '../../support/word-error-rate.js';

const split = (text: string) => text.split(' ').filter(Boolean);

function places(reference: string, heard: string, spoken?: number): number[] {
  return [...new Aligner(split(reference)).align(split(heard), spoken)];
}

describe('Aligner', () => {
  it('finds every word of a perfect transcript', () => {
    expect(places('a b c', 'a b c')).toEqual([0, 1, 2]);
  });

  it('expects nothing of what was not said yet', () => {
    expect(places('the cat saw the dog', 'the cat', 5)).toEqual([0, 1, -1, -1, -1]);
  });

  it('does not take a word for one that will be said later', () => {
    // "the" was heard too often; the second "the" of the reference is not spoken yet.
    expect(places('the cat saw the dog', 'the the', 2)).toEqual([0, -1, -1, -1, -1]);
  });

  it('leaves out words that are wrong, missing or too many', () => {
    expect(places('a b c d', 'a x c d')).toEqual([0, -1, 2, 3]);
    expect(places('a b c d', 'a c d')).toEqual([0, -1, 1, 2]);
    expect(places('a b c d', 'a b x c d')).toEqual([0, 1, 3, 4]);
  });

  it('finds a word behind one that was missed', () => {
    expect(places('w a b', 'w b')).toEqual([0, -1, 1]);
  });

  it('takes the earlier of two equal words for the one that was heard', () => {
    expect(places('very very good', 'very good')).toEqual([0, -1, 1]);
  });

  it('gives the same answer whatever it was asked before', () => {
    const word = fc.constantFrom('a', 'b', 'c', 'd');
    const text = fc.array(word, { maxLength: 12 });
    fc.assert(
      fc.property(text, fc.array(text, { maxLength: 5 }), text, (reference, before, heard) => {
        const used = new Aligner(reference);
        for (const earlier of before) used.align(earlier);
        expect([...used.align(heard)]).toEqual([...new Aligner(reference).align(heard)]);
      }),
    );
  });

  it('counts errors as Levenshtein does', () => {
    const word = fc.constantFrom('a', 'b', 'c', 'd');
    const text = fc.array(word, { maxLength: 15 });
    fc.assert(
      fc.property(text, text, (reference, heard) => {
        const { edits } = countErrors(reference.join(' '), heard.join(' '));
        expect(new Aligner(reference).errors(heard)).toBe(edits);
      }),
    );
  });

  it('matches in order, and only what is equal', () => {
    const word = fc.constantFrom('a', 'b', 'c');
    const text = fc.array(word, { maxLength: 12 });
    fc.assert(
      fc.property(text, text, fc.nat(12), (reference, heard, spoken) => {
        const found = [...new Aligner(reference).align(heard, Math.min(spoken, reference.length))];
        const matched = found.flatMap((place, index) => (place < 0 ? [] : [{ place, index }]));
        for (const [n, { place, index }] of matched.entries()) {
          expect(heard[place]).toBe(reference[index]);
          expect(index).toBeLessThan(spoken);
          if (n > 0) expect(place).toBeGreaterThan((matched[n - 1] as { place: number }).place);
        }
      }),
    );
  });
});
