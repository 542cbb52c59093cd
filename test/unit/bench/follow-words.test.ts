import { describe, expect, it } from 'vitest';
import { followWords } from '../../../bench/live/measure/follow-words.mjs';
import { display, spoken } from './scripted.js';

/** `word: shown committed final` of each word. */
function follow(reference: ReturnType<typeof spoken>, displays: ReturnType<typeof display>[]) {
  return followWords(reference, displays).map(
    ({ token, recognised, shownMs, committedMs, finalMs }) =>
      `${token}: ${recognised ? [shownMs, committedMs, finalMs].join(' ') : 'not recognised'}`,
  );
}

describe('followWords', () => {
  it('tells when each word was first shown, committed and final', () => {
    expect(
      follow(spoken('and so my'), [
        display(1500, 'T[And]'),
        display(2500, 'C[And]T[ so]'),
        display(3500, 'C[And so]T[, my]'),
        display(4000, 'F[And so, my. ]'),
      ]),
    ).toEqual(['and: 1500 2500 4000', 'so: 2500 3500 4000', 'my: 3500 4000 4000']);
  });

  it('a word that stands at another place is not shown yet', () => {
    // At 1.5 s "ask" is heard, wrongly; it will be right at the fourth place only.
    expect(
      follow(spoken('and so my ask'), [
        display(1500, 'T[Ask]'),
        display(4500, 'T[And so my ask]'),
        display(5000, 'F[And so my ask.]'),
      ]),
    ).toEqual([
      'and: 4500 5000 5000',
      'so: 4500 5000 5000',
      'my: 4500 5000 5000',
      'ask: 4500 5000 5000',
    ]);
  });

  it('a word cannot be shown before it begins to be spoken', () => {
    const [, second] = followWords(spoken('very very'), [
      display(500, 'T[Very very]'),
      display(1100, 'T[Very very.]'),
      display(2500, 'F[Very very.]'),
    ]);
    expect(second?.shownMs).toBe(1100);
  });

  it('words that are wrong in the end are not recognised, whatever was shown meanwhile', () => {
    expect(
      follow(spoken('a fellow american'), [
        display(3000, 'T[A fellow american]'),
        display(4000, 'F[A yellow american.]'),
      ]),
    ).toEqual(['a: 3000 4000 4000', 'fellow: not recognised', 'american: 3000 4000 4000']);
  });

  it('a word that is taken back and comes again was shown the first time', () => {
    const [first] = followWords(spoken('so'), [
      display(1000, 'T[So]'),
      display(1500, 'T[]'),
      display(2000, 'F[So.]'),
    ]);
    expect(first).toMatchObject({ shownMs: 1000, finalMs: 2000 });
  });

  it('a missed word does not hide those behind it', () => {
    expect(
      follow(spoken('one two three four'), [
        display(4000, 'C[One three]T[ four]'),
        display(5000, 'F[One three four]'),
      ]),
    ).toEqual([
      'one: 4000 4000 5000',
      'two: not recognised',
      'three: 4000 4000 5000',
      'four: 4000 5000 5000',
    ]);
  });

  it('a final of an earlier utterance may come after words of a later one', () => {
    const reference = [
      ...spoken('one two'),
      ...spoken('three four', { fromMs: 5000, utterance: 1 }),
    ];
    expect(
      follow(reference, [
        display(2500, 'C[One]T[ two ]'),
        display(6500, 'C[One]T[ two ]C[three]T[]'),
        display(7500, 'F[One two. ]C[three]T[ four]'),
        display(8000, 'F[One two. ]F[Three four.]'),
      ]),
    ).toEqual([
      'one: 2500 2500 7500',
      'two: 2500 7500 7500',
      'three: 6500 6500 8000',
      'four: 7500 8000 8000',
    ]);
  });

  it('punctuation that is tentative does not keep its word from being committed', () => {
    const [, so] = followWords(spoken('and so my'), [display(3500, 'C[And so]T[, my]')]);
    expect(so?.committedMs).toBe(3500);
  });

  it('a word that began committed and ends tentative is not committed', () => {
    const [first] = followWords(spoken('woodcutters'), [display(1500, 'C[wood]T[cutters]')]);
    expect(first).toMatchObject({ shownMs: 1500, committedMs: null });
  });

  it('Chinese is followed by the character, in either script', () => {
    expect(
      follow(spoken('国家发展'), [display(2500, 'T[國家]'), display(5000, 'F[国家發展。]')]),
    ).toEqual([
      '国: 2500 5000 5000',
      '家: 2500 5000 5000',
      '发: 5000 5000 5000',
      '展: 5000 5000 5000',
    ]);
  });

  it('a number in figures is every word it stands for', () => {
    expect(
      follow(spoken('fourteen fifty five'), [display(2500, 'T[14]'), display(4000, 'F[1455.]')]),
    ).toEqual(['fourteen: 2500 4000 4000', 'fifty: 4000 4000 4000', 'five: 4000 4000 4000']);
  });

  it('without displays nothing is recognised', () => {
    expect(follow(spoken('a'), [])).toEqual(['a: not recognised']);
  });
});
