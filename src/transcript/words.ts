/** A word as hypotheses, partials and finals carry it; times in milliseconds on the session's clock. */
export interface TimedWord {
  /** As written, with its punctuation, without surrounding spaces. */
  readonly word: string;
  readonly startMs: number;
  readonly endMs: number;
  /** 0 … 1. */
  readonly probability: number;
  /** Whether a space stands before it; false inside Chinese or Japanese text. */
  readonly spaceBefore: boolean;
}

/** The same words, later by `offsetMs`. */
export function moveWords(words: readonly TimedWord[], offsetMs: number): TimedWord[] {
  return words.map((word) => ({
    ...word,
    startMs: word.startMs + offsetMs,
    endMs: word.endMs + offsetMs,
  }));
}

/** The text that words make together. */
export function joinWords(words: readonly TimedWord[]): string {
  let text = '';
  for (const { word, spaceBefore } of words) text += text && spaceBefore ? ` ${word}` : word;
  return text;
}

/** A word as two hypotheses compare it: lower case, letters, marks and digits only. */
export function normalizeWord(word: string): string {
  const bare = word
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}]/gu, '');
  // A word of signs alone ("%", "&") still has to agree with itself.
  return bare || word;
}

/** The word without the punctuation behind it, which more audio may change. */
export function withoutTrailingPunctuation(word: string): string {
  return word.replace(/[\p{P}\p{S}]+$/u, '') || word;
}
