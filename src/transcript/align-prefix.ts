/**
 * How many of `words` say the same as all of `prefix`.
 *
 * A new hypothesis may spell, split or drop words that were committed before. The prefix of `words`
 * with the smallest edit distance (Levenshtein, on words) to `prefix` is where it goes on; of equally
 * good ones the one nearest in length, so that nothing is said twice and nothing is skipped.
 *
 * @param prefix Normalized committed words.
 * @param words Normalized words of the new hypothesis.
 * @returns 0 … `words.length`.
 */
export function alignPrefix(prefix: readonly string[], words: readonly string[]): number {
  let row = Array.from({ length: words.length + 1 }, (_, column) => column);
  for (const [index, committed] of prefix.entries()) {
    const next = [index + 1];
    for (const [column, word] of words.entries()) {
      const substitution = (row[column] as number) + (word === committed ? 0 : 1);
      const deletion = (row[column + 1] as number) + 1;
      const insertion = (next[column] as number) + 1;
      next.push(Math.min(substitution, deletion, insertion));
    }
    row = next;
  }
  let best = 0;
  for (const [length, distance] of row.entries()) {
    const lowest = row[best] as number;
    const nearer = Math.abs(length - prefix.length) < Math.abs(best - prefix.length);
    if (distance < lowest || (distance === lowest && nearer)) best = length;
  }
  return best;
}
