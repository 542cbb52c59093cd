import { words } from '../live/measure/tokens.mjs';

/**
 * Word errors (Levenshtein) as a share of the words that were said; of Chinese its characters.
 * @param {string} reference @param {string} heard
 */
export function errorRate(reference, heard) {
  const [expected, actual] = [words(reference), words(heard)];
  let row = Uint32Array.from({ length: actual.length + 1 }, (_, column) => column);
  for (const [index, word] of expected.entries()) {
    const next = new Uint32Array(actual.length + 1);
    next[0] = index + 1;
    for (let column = 0; column < actual.length; column++) {
      const substitution = row[column] + (word === actual[column] ? 0 : 1);
      next[column + 1] = Math.min(substitution, row[column + 1] + 1, next[column] + 1);
    }
    row = next;
  }
  return row.at(-1) / expected.length;
}
