import { deflateSync } from 'node:zlib';
import type { HypothesisText } from './speech-words.js';
import { normalizeWord, type TimedWord } from './words.js';

/** Why a hypothesis looks like something that nobody said. */
export type Suspicion =
  /** A word or phrase over and over. */
  | 'loop'
  /** More text than anybody says in that time. */
  | 'too_fast'
  /** Text that compresses far better than language does. */
  | 'repetitive'
  /** The model was guessing. */
  | 'unlikely'
  /** Words piled up at the very end of the audio. */
  | 'beyond_audio'
  /** Nothing but tags, in audio that holds speech. */
  | 'tags_only';

/** How often a phrase of so many words may be said in a row; people do say "no, no, no, no". */
const mostRepeats = [4, 3, 2, 2, 2, 2, 2, 2];
/** Noise becomes "you you you" and "Thank you. Thank you."; longer beginnings were said. */
const fewestWordsBeforeLoop = 3;
/** Fast speakers reach 25 letters a second, and 9 Chinese characters. */
const mostLettersPerSecond = 32;
const mostCharactersPerSecond = 14;
/** Rates over less than this say nothing. */
const shortestRatedMs = 1_000;
/** OpenAI's Whisper rejects text above 2.4; short text never gets there. */
const highestCompressionRatio = 2.4;
const shortestCompressedBytes = 60;
/** OpenAI's Whisper decodes again below this mean log-probability. */
const lowestLogprob = -1;
/** Words that begin this close to the end of the audio were hardly heard … */
const endMs = 30;
/** … but a few of them may be there, because the model's word times are rough. */
const mostAtEnd = 3;
const largestShareAtEnd = 0.5;
/** A probability of no speech from which it counts, and a share of the fastest speech. */
const doubtfulSpeech = 0.4;
const hurried = 0.6;

/**
 * Judges a hypothesis by features that hold in every language, not by lists of phrases.
 * @param words Its words, with times from the window's first sample.
 * @param durationMs Length of the window.
 * @returns The first reason found, or null.
 */
export function suspicionOf(
  hypothesis: HypothesisText,
  words: readonly TimedWord[],
  durationMs: number,
): Suspicion | null {
  const said = hypothesis.segments.some((segment) => segment.words.length > 0);
  if (words.length === 0) return said ? 'tags_only' : null;
  if (loopIn(words.map(({ word }) => normalizeWord(word)))) return 'loop';
  if (durationMs >= shortestRatedMs && speechRate(words, durationMs) > 1) return 'too_fast';
  if (compressionRatio(words) > highestCompressionRatio) return 'repetitive';
  if (meanLogprob(hypothesis) < lowestLogprob) return 'unlikely';
  return beyondAudio(hypothesis, words, durationMs) ? 'beyond_audio' : null;
}

/**
 * Words that pile up at the end of the audio were hardly heard there. The model's times are rough, and
 * real words pile up as well; then it hears speech, and no more of it than people say.
 */
function beyondAudio(
  { segments }: HypothesisText,
  words: readonly TimedWord[],
  durationMs: number,
): boolean {
  const atEnd = words.filter(({ startMs }) => startMs >= durationMs - endMs);
  const share = atEnd.length / words.length;
  if (atEnd.length <= mostAtEnd || share <= largestShareAtEnd) return false;
  const silent = segments.some((segment) => segment.noSpeechProbability >= doubtfulSpeech);
  return silent || speechRate(words, durationMs) > hurried;
}

/** A phrase of up to eight words that is repeated more often than people repeat themselves. */
interface Loop {
  /** Index behind the phrase's first copy. */
  readonly first: number;
  /** Index of the first word that is one repeat too many. */
  readonly from: number;
  /** Index behind the last repeat. */
  readonly to: number;
}

/** The first loop among normalized words, or null. */
function loopIn(words: readonly string[]): Loop | null {
  for (const [index, most] of mostRepeats.entries()) {
    const length = index + 1;
    for (let start = 0; start + length * (most + 1) <= words.length; start++) {
      const repeats = repeatsAt(words, start, length);
      if (repeats <= most) continue;
      return {
        first: start + length,
        from: start + length * most,
        to: start + length * repeats,
      };
    }
  }
  return null;
}

/** Words without what a loop repeated. */
export function withoutLoops(words: readonly TimedWord[]): TimedWord[] {
  const kept = [...words];
  for (;;) {
    const loop = loopIn(kept.map(({ word }) => normalizeWord(word)));
    if (!loop) return kept;
    kept.splice(loop.from, loop.to - loop.from);
  }
}

/**
 * Words up to the first copy of what a loop repeats, where they are more than a noise is made into:
 * so far they are mostly right.
 */
export function beforeLoop(words: readonly TimedWord[]): TimedWord[] | null {
  const loop = loopIn(words.map(({ word }) => normalizeWord(word)));
  return loop && loop.first >= fewestWordsBeforeLoop ? words.slice(0, loop.first) : null;
}

/** Mean log-probability of the segments, weighted by their words. */
export function meanLogprob({ segments }: HypothesisText): number {
  const words = segments.reduce((sum, segment) => sum + segment.words.length, 0);
  const weighted = segments.reduce(
    (sum, { avgLogprob, words }) => sum + avgLogprob * words.length,
    0,
  );
  return words === 0 ? 0 : weighted / words;
}

/** How often the phrase at `start` stands there in a row. */
function repeatsAt(words: readonly string[], start: number, length: number): number {
  let repeats = 1;
  const same = (offset: number) =>
    words[start + offset] === words[start + length * repeats + offset];
  while (start + length * (repeats + 1) <= words.length) {
    for (let offset = 0; offset < length; offset++) if (!same(offset)) return repeats;
    repeats++;
  }
  return repeats;
}

/** Letters or characters a second, as a share of what the fastest speakers reach. */
function speechRate(words: readonly TimedWord[], durationMs: number): number {
  const text = words.map(({ word }) => normalizeWord(word)).join('');
  const spaced = words.some(({ spaceBefore }, index) => index > 0 && spaceBefore);
  // One word of letters has no spaces either; scripts without spaces come as one word a character.
  const unspaced = !spaced && words.length > 1;
  const most = unspaced ? mostCharactersPerSecond : mostLettersPerSecond;
  return [...text].length / (durationMs / 1000) / most;
}

/** How much smaller deflate makes a text; 1 for one that is too short to tell. */
export function compressionRatio(words: readonly TimedWord[]): number {
  const text = Buffer.from(words.map(({ word }) => word).join(' '));
  if (text.length < shortestCompressedBytes) return 1;
  return text.length / deflateSync(text).length;
}
