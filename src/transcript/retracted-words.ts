import { normalizeWord } from './words.js';

/** How many words that were shown were taken back, by what they were shown as. */
export interface Retracted {
  readonly tentative: number;
  readonly committed: number;
}

/** Words as they were shown. */
export interface Shown {
  readonly words: readonly { readonly word: string }[];
  /** How many of them were committed. */
  readonly committed: number;
}

/**
 * Counts the words of one display that are not in the next one, by their longest common subsequence.
 * Changes of case and punctuation do not count.
 */
export function retractedWords(before: Shown, after: Shown['words']): Retracted {
  const old = before.words.map(({ word }) => normalizeWord(word));
  const now = after.map(({ word }) => normalizeWord(word));
  // Almost always only the end has changed.
  const same = old.findIndex((word, index) => word !== now[index]);
  if (same < 0) return { tentative: 0, committed: 0 };
  const kept = keptWords(old.slice(same), now.slice(same));
  const committed = Math.max(0, before.committed - same);
  const lost = (flags: readonly boolean[]) => flags.filter((isKept) => !isKept).length;
  return { committed: lost(kept.slice(0, committed)), tentative: lost(kept.slice(committed)) };
}

/** For each old word whether it is in the longest common subsequence. */
function keptWords(old: readonly string[], now: readonly string[]): boolean[] {
  const columns = now.length + 1;
  const lengths = new Uint16Array((old.length + 1) * columns);
  const at = (row: number, column: number) => lengths[row * columns + column] as number;
  for (let row = old.length - 1; row >= 0; row--) {
    for (let column = now.length - 1; column >= 0; column--) {
      lengths[row * columns + column] =
        old[row] === now[column]
          ? at(row + 1, column + 1) + 1
          : Math.max(at(row + 1, column), at(row, column + 1));
    }
  }
  let column = 0;
  return old.map((word, row) => {
    // Words of the new text are passed over while that costs nothing.
    while (column < now.length && word !== now[column] && at(row, column + 1) > at(row + 1, column))
      column++;
    const isKept = column < now.length && word === now[column];
    if (isKept) column++;
    return isKept;
  });
}
