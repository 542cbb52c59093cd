import { describe, expect, it } from 'vitest';
import { countRetractions } from '../../../bench/live/measure/retractions.mjs';
import { display } from './scripted.js';

function retractions(...scripts: string[]) {
  return countRetractions(scripts.map((script, index) => display(index, script)));
}

describe('countRetractions', () => {
  it('growing text retracts nothing', () => {
    expect(retractions('T[a]', 'C[a]T[ b]', 'F[a b ]', 'F[a b ]T[c]')).toEqual({
      tentative: 0,
      committed: 0,
    });
  });

  it('case and punctuation are no retraction', () => {
    expect(retractions('T[and so my]', 'C[And so, my]')).toEqual({ tentative: 0, committed: 0 });
  });

  it('counts tentative words that are replaced or vanish', () => {
    expect(retractions('T[a fellow]', 'T[a yellow]', 'T[a]')).toEqual({
      tentative: 2,
      committed: 0,
    });
  });

  it('a word that is put before others retracts none of them', () => {
    expect(retractions('T[b c d]', 'T[a b c d]')).toEqual({ tentative: 0, committed: 0 });
  });

  it('a word between two others that stay counts once', () => {
    expect(retractions('T[a x c]', 'T[a b b c]')).toEqual({ tentative: 1, committed: 0 });
  });

  it('counts committed and final words that change', () => {
    expect(retractions('C[a b]T[ c]', 'C[a x]T[ c]')).toEqual({ tentative: 0, committed: 1 });
    expect(retractions('F[a b]', 'F[a]')).toEqual({ tentative: 0, committed: 1 });
  });

  it('a committed word that is only tentative afterwards is lost', () => {
    expect(retractions('C[a b]', 'C[a]T[ b]')).toEqual({ tentative: 0, committed: 1 });
  });

  it('a change in a final that comes late leaves the committed words behind it alone', () => {
    expect(retractions('C[a]T[ b ]C[d]', 'F[a c ]C[d]T[ e]')).toEqual({
      tentative: 1,
      committed: 0,
    });
  });
});
