import { joinWords, type TimedWord } from './words.js';

/** Words that were heard together, as a window's result carries them. */
export interface HeardWords {
  readonly words: readonly TimedWord[];
  /** ISO 639-1 code. */
  readonly language: string;
  /** 0 … 1. */
  readonly noSpeechProbability: number;
}

/** A sentence, or as much of one as is said without a long pause. Times as its words have them. */
export interface TranscriptSegment {
  readonly startMs: number;
  readonly endMs: number;
  readonly text: string;
  readonly words: readonly TimedWord[];
  /** ISO 639-1 code. */
  readonly language: string;
  /** Mean of the logarithms of its words' probabilities. */
  readonly avgLogprob: number;
  /** 0 … 1. */
  readonly noSpeechProbability: number;
  /** 0, 1 …; null where all channels were heard as one. */
  readonly channel: number | null;
}

/** A pause this long ends a segment even inside of a sentence. */
const longestGapMs = 1_500;
/** A longer sentence is divided: nobody finds a place in a page of text without marks. */
const longestSegmentMs = 20_000;
/** The ends of sentences in the scripts of Whisper's languages, with closing quotes and brackets. */
const sentenceEnd = /[.!?…。！？।؟۔።։]["'”’»)\]」』）]*$/u;
/** "Mr.", "St.", "J.": such a word ends no sentence where the next one follows without a pause. */
const abbreviation = /^\p{Lu}\p{L}{0,2}\.$/u;
const noPauseMs = 200;
/** Where people breathe. */
const clauseEnd = /[,;:、，；：—–]["'”’»)\]」』）]*$/u;

interface Item {
  readonly word: TimedWord;
  readonly heard: HeardWords;
}

/** Cuts what was heard, window after window, into sentences, whatever the windows' borders are. */
export function toSegments(
  windows: Iterable<HeardWords>,
  channel: number | null = null,
): TranscriptSegment[] {
  const segments: TranscriptSegment[] = [];
  let open: Item[] = [];
  const close = (count: number) => {
    if (count > 0) segments.push(segmentOf(open.slice(0, count), channel));
    open = open.slice(count);
  };
  for (const heard of windows) {
    for (const word of heard.words) {
      const last = open.at(-1);
      if (last && endsSegment(last, { word, heard })) close(open.length);
      open.push({ word, heard });
      const first = open[0] as Item;
      if (word.endMs - first.word.startMs > longestSegmentMs) close(bestBreak(open));
    }
  }
  close(open.length);
  return segments;
}

function endsSegment(last: Item, next: Item): boolean {
  if (last.heard.language !== next.heard.language) return true;
  const gapMs = next.word.startMs - last.word.endMs;
  if (gapMs >= longestGapMs) return true;
  const abbreviated = gapMs < noPauseMs && abbreviation.test(last.word.word);
  return sentenceEnd.test(last.word.word) && !abbreviated;
}

/** How many of the words make the first part: up to a clause's end, else to the longest gap. */
function bestBreak(items: readonly Item[]): number {
  const half = Math.ceil(items.length / 2);
  let best = items.length - 1;
  let most = Number.NEGATIVE_INFINITY;
  for (let count = half; count < items.length; count++) {
    const { word } = items[count - 1] as Item;
    const gap = (items[count] as Item).word.startMs - word.endMs;
    const worth = gap + (clauseEnd.test(word.word) ? longestGapMs : 0);
    if (worth >= most) [best, most] = [count, worth];
  }
  return Math.max(1, best);
}

function segmentOf(items: readonly Item[], channel: number | null): TranscriptSegment {
  const words = items.map(({ word }) => word);
  const { heard } = items[0] as Item;
  // A probability of 0 would make the mean minus infinity, which JSON cannot say.
  const logprobs = words.map(({ probability }) => Math.log(Math.max(probability, 1e-6)));
  return {
    startMs: (words[0] as TimedWord).startMs,
    endMs: (words.at(-1) as TimedWord).endMs,
    text: joinWords(words),
    words,
    language: heard.language,
    avgLogprob: logprobs.reduce((sum, value) => sum + value, 0) / words.length,
    noSpeechProbability: heard.noSpeechProbability,
    channel,
  };
}
