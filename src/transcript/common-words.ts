import { normalizeWord, type TimedWord } from './words.js';

/** Word times are rough: the same word may be heard so much earlier or later in another window. */
const mostApartMs = 2_000;

/** A word that two windows heard. */
export interface Pair {
  /** Index in the earlier window's words, and in the later one's. */
  readonly left: number;
  readonly right: number;
}

/** The longest common subsequence of words that were said at about the same time. */
export function commonWords(left: readonly TimedWord[], right: readonly TimedWord[]): Pair[] {
  const lengths = Array.from({ length: left.length + 1 }, () =>
    new Array<number>(right.length + 1).fill(0),
  );
  const at = (row: number, column: number) => lengths[row]?.[column] as number;
  const same = (row: number, column: number) =>
    sameWord(left[row] as TimedWord, right[column] as TimedWord);
  for (let row = left.length - 1; row >= 0; row--) {
    for (let column = right.length - 1; column >= 0; column--) {
      (lengths[row] as number[])[column] = same(row, column)
        ? at(row + 1, column + 1) + 1
        : Math.max(at(row + 1, column), at(row, column + 1));
    }
  }
  const pairs: Pair[] = [];
  for (let row = 0, column = 0; row < left.length && column < right.length; ) {
    if (same(row, column)) pairs.push({ left: row++, right: column++ });
    else if (at(row + 1, column) >= at(row, column + 1)) row++;
    else column++;
  }
  return pairs;
}

function sameWord(a: TimedWord, b: TimedWord): boolean {
  return (
    Math.abs(a.startMs - b.startMs) <= mostApartMs &&
    normalizeWord(a.word) === normalizeWord(b.word)
  );
}
