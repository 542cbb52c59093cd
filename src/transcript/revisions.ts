import type { TimedWord } from './words.js';

/** A committed word that a final changed; `to` is empty where the word is gone. */
export interface Revision {
  /** Index of the word among the committed ones. */
  readonly index: number;
  readonly from: string;
  readonly to: string;
}

/**
 * What a final changed in the words that were committed, by the cheapest edit of words (Levenshtein).
 * Words that the final puts between two committed ones are named with the word before them.
 */
export function revisions(
  committed: readonly TimedWord[],
  final: readonly TimedWord[],
): Revision[] {
  const costs = editCosts(committed, final);
  const spoken: string[][] = committed.map(() => []);
  let column = bestColumn(costs[committed.length] as number[], committed.length);
  let row = committed.length;
  while (row > 0) {
    const here = costs[row]?.[column] as number;
    const word = final[column - 1]?.word ?? '';
    if (column > 0 && here === substitutionCost(costs, committed, final, row, column)) {
      spoken[row - 1]?.unshift(word);
      row--;
      column--;
    } else if (column > 0 && here === (costs[row]?.[column - 1] as number) + 1) {
      spoken[row - 1]?.unshift(word);
      column--;
    } else {
      row--;
    }
  }
  return committed.flatMap(({ word: from }, index) => {
    const to = spoken[index]?.join(' ') ?? '';
    return to === from ? [] : [{ index, from, to }];
  });
}

function editCosts(committed: readonly TimedWord[], final: readonly TimedWord[]): number[][] {
  const costs = [Array.from({ length: final.length + 1 }, (_, column) => column)];
  for (let row = 1; row <= committed.length; row++) {
    const current = [row];
    costs.push(current);
    for (let column = 1; column <= final.length; column++) {
      current.push(
        Math.min(
          substitutionCost(costs, committed, final, row, column),
          (costs[row - 1]?.[column] as number) + 1,
          (current[column - 1] as number) + 1,
        ),
      );
    }
  }
  return costs;
}

function substitutionCost(
  costs: readonly number[][],
  committed: readonly TimedWord[],
  final: readonly TimedWord[],
  row: number,
  column: number,
): number {
  const same = committed[row - 1]?.word === final[column - 1]?.word;
  return (costs[row - 1]?.[column - 1] as number) + (same ? 0 : 1);
}

/** The committed words cover only the beginning of the final: its end costs nothing. */
function bestColumn(lastRow: readonly number[], committed: number): number {
  const lowest = Math.min(...lastRow);
  const columns = [...lastRow.keys()].filter((column) => lastRow[column] === lowest);
  // Of equally good ends the one nearest in length, so that a changed word is not taken for a lost one.
  return columns.reduce((best, column) =>
    Math.abs(column - committed) < Math.abs(best - committed) ? column : best,
  );
}
