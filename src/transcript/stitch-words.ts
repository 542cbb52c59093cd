import { commonWords, type Pair } from './common-words.js';
import type { TimedWord } from './words.js';

/** Word times are rough: words this near to an overlap may be in it. */
const nearMs = 1_000;
/** A word begins no later than this after the one before it, unless there is a pause or something was skipped. */
const skippedMs = 2_000;
/** Words that begin so shortly before the end of a window are mostly guessed. */
const hardlyHeardMs = 300;

/** Words that two windows hold of the same audio, joined at a word that both heard. */
export interface Stitched {
  /** Words of the earlier window, up to the seam. */
  readonly before: readonly TimedWord[];
  /** Words of the later window, from the seam on. */
  readonly after: readonly TimedWord[];
}

/**
 * Joins the words of two windows that overlap, so that none is lost and none is said twice. At its end the
 * earlier window guesses the word that it cuts off, at its beginning the later one does; in the middle both
 * hear the same. The seam lies behind a word on which they agree, best of all among others on which they
 * agree, near the middle. Where they agree on nothing, time decides.
 * @param overlap Where the overlap begins and ends, in milliseconds on the words' clock.
 */
export function stitchWords(
  before: readonly TimedWord[],
  after: readonly TimedWord[],
  overlap: { readonly startMs: number; readonly endMs: number },
): Stitched {
  const firstLeft = firstIndex(before, ({ endMs }) => endMs >= overlap.startMs - nearMs);
  const lastRight = firstIndex(after, ({ startMs }) => startMs > overlap.endMs + nearMs);
  const pairs = commonWords(before.slice(firstLeft), after.slice(0, lastRight)).map(
    ({ left, right }): Pair => ({ left: left + firstLeft, right }),
  );
  const middleMs = (overlap.startMs + overlap.endMs) / 2;
  const seam = bestPair(pairs, before, after, middleMs);
  if (seam) return joinBehind(seam, pairs, before, after, overlap.endMs);
  // What only one window heard is kept; of two different readings each window keeps its half.
  if (firstLeft === before.length || lastRight === 0) return { before, after };
  return {
    before: before.filter((word) => centre(word) < middleMs),
    after: after.filter((word) => centre(word) >= middleMs),
  };
}

/**
 * The earlier window's words up to the pair, the later one's behind it. Where the later one, which began in
 * the middle of speech, has skipped what followed, the earlier one's words fill the gap as far as they go.
 */
function joinBehind(
  seam: Pair,
  pairs: readonly Pair[],
  before: readonly TimedWord[],
  after: readonly TimedWord[],
  overlapEndMs: number,
): Stitched {
  const last = after[seam.right] as TimedWord;
  const goesOnMs = after[seam.right + 1]?.startMs ?? Number.POSITIVE_INFINITY;
  const skipped = goesOnMs - last.startMs >= skippedMs;
  const paired = new Set(pairs.map(({ left }) => left));
  let to = seam.left + 1;
  for (; skipped && to < before.length && !paired.has(to); to++) {
    const { startMs, endMs } = before[to] as TimedWord;
    // What begins at the very end of the audio was hardly heard.
    if (endMs > goesOnMs || startMs > overlapEndMs - hardlyHeardMs) break;
  }
  return { before: before.slice(0, to), after: after.slice(seam.right + 1) };
}

/** The pair with the most neighbours that are pairs as well; of equals the one nearest to the middle. */
function bestPair(
  pairs: readonly Pair[],
  before: readonly TimedWord[],
  after: readonly TimedWord[],
  middleMs: number,
): Pair | undefined {
  const neighbours = ({ left, right }: Pair) =>
    pairs.filter(
      (other) => other.left - left === other.right - right && Math.abs(other.left - left) === 1,
    ).length;
  const distance = ({ left, right }: Pair) =>
    Math.abs(
      (centre(before[left] as TimedWord) + centre(after[right] as TimedWord)) / 2 - middleMs,
    );
  return pairs.toSorted((a, b) => neighbours(b) - neighbours(a) || distance(a) - distance(b))[0];
}

function centre({ startMs, endMs }: TimedWord): number {
  return (startMs + endMs) / 2;
}

/** Index of the first word for which `test` holds, or the number of words. */
function firstIndex(words: readonly TimedWord[], test: (word: TimedWord) => boolean): number {
  const found = words.findIndex(test);
  return found < 0 ? words.length : found;
}
