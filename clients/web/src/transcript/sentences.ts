import type { FileTranscript, TranscribedWord } from '../../../js/src/index.js';

/** A word of a sentence: where it stands in the text, and when it is said. */
export interface PlacedWord {
  readonly at: number;
  /** Place after its last character. */
  readonly end: number;
  readonly startMs: number;
  readonly endMs: number;
}

export interface Sentence {
  readonly startMs: number;
  readonly endMs: number;
  readonly text: string;
  readonly words: readonly PlacedWord[];
  /** 1, 2 …, where channels were transcribed one by one. */
  readonly channel: number | null;
}

/** A transcript with each word at its place. Words that the text does not have are left out. */
export function sentencesOf({ segments, words = [] }: FileTranscript): Sentence[] {
  let next = 0;
  return segments.map(({ start, end, text, channel }) => {
    const placed: PlacedWord[] = [];
    let place = 0;
    for (; next < words.length; next++) {
      const word = words[next] as TranscribedWord;
      const isOfNext = word.start >= end && word.end > end;
      if (word.channel !== channel || isOfNext) break;
      const at = text.indexOf(word.word, place);
      if (at < 0) continue;
      place = at + word.word.length;
      placed.push({ at, end: place, startMs: word.start * 1_000, endMs: word.end * 1_000 });
    }
    return {
      startMs: start * 1_000,
      endMs: end * 1_000,
      text,
      words: placed,
      channel: channel ?? null,
    };
  });
}

/** Browsers give a time back in fractions of seconds, a hair less than it was set to. */
const roundingMs = 1;

/** The last sentence that has begun, of those in order of their beginnings; 0 before the first. */
export function sentenceAt(sentences: readonly Sentence[], ms: number): number {
  return Math.max(
    0,
    sentences.findLastIndex(({ startMs, text }) => startMs <= ms + roundingMs && text !== ''),
  );
}

/** The word that is being said; the last one that was, in a pause; null before the first. */
export function wordAt(sentence: Sentence, ms: number): number | null {
  const index = sentence.words.findLastIndex(({ startMs }) => startMs <= ms + roundingMs);
  return index < 0 ? null : index;
}
