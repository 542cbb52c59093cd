/** Edits (substitutions, deletions, insertions) and the words of the reference they count against. */
export interface Errors {
  readonly edits: number;
  readonly words: number;
}

/** Chinese and Japanese are compared character by character, everything else word by word. */
const unspaced = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u;

/** Words as they are compared: lower case, without punctuation; characters where no spaces are written. */
export function tokens(text: string): string[] {
  const plain = text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[’']/g, '')
    .replace(/[^\p{L}\p{M}\p{N}\s]/gu, ' ');
  return plain
    .split(/\s+/)
    .filter(Boolean)
    .flatMap((word) => (unspaced.test(word) ? [...word] : [word]));
}

/** The smallest number of edits from `reference` to `heard` (Levenshtein, on tokens). */
export function countErrors(reference: string, heard: string): Errors {
  const expected = tokens(reference);
  const actual = tokens(heard);
  let row = Array.from({ length: actual.length + 1 }, (_, column) => column);
  for (const [index, word] of expected.entries()) {
    const next = [index + 1];
    for (const [column, other] of actual.entries()) {
      const substitution = (row[column] as number) + (word === other ? 0 : 1);
      next.push(
        Math.min(substitution, (row[column + 1] as number) + 1, (next[column] as number) + 1),
      );
    }
    row = next;
  }
  return { edits: row.at(-1) as number, words: expected.length };
}

/** Errors over all pairs as a share of all reference words, 0 … */
export function pooledErrorRate(pairs: readonly { reference: string; heard: string }[]): number {
  let edits = 0;
  let words = 0;
  for (const { reference, heard } of pairs) {
    const errors = countErrors(reference, heard);
    edits += errors.edits;
    words += errors.words;
  }
  return words === 0 ? 0 : edits / words;
}
