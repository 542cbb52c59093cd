import type { TranscriptSegment } from '../segments.js';
import { joinWords, type TimedWord } from '../words.js';
import { textWidth } from './text-width.js';

/** What is on the screen at one time: one line or two. */
export interface Cue {
  readonly startMs: number;
  readonly endMs: number;
  readonly lines: readonly string[];
  readonly channel: number | null;
}

/**
 * The numbers of Netflix' Timed Text Style Guides (General Requirements, and those of each language), which
 * others follow as well: two lines at most, a cue stays for 5/6 of a second to 7 seconds, and may stay half a
 * second after its last word so that it can be read; 20 characters a second are read.
 */
const shortestMs = 833;
const longestMs = 7_000;
const lingerMs = 500;
const columnsPerSecond = 20;
/** Columns of a line: 42 letters; 16 Chinese or Korean characters of two columns each; 13 Japanese. */
const columns = { letters: 42, wide: 32, japanese: 26 } as const;

/** What a break is worth, in columns; the best one is not worth a cue more. */
const worthOf = { sentence: 24, clause: 16, msPerColumn: 50, shortWordBefore: 6 } as const;
const costOfCue = 40;
/** Articles, prepositions and conjunctions are short, and what they belong to follows. */
const shortWord = 3;

const sentenceEnd = /[.!?…。！？]["'”’»)\]」』）]*$/u;
const clauseEnd = /[,;:、，；：—–]["'”’»)\]」』）]*$/u;
const japanese = /[\p{Script=Hiragana}\p{Script=Katakana}]/u;
const wideScript = /[\p{Script=Han}\p{Script=Hangul}]/u;

/** Subtitles: every segment in as few cues as hold it, broken at phrases. No two of a channel overlap. */
export function toCues(segments: readonly TranscriptSegment[]): Cue[] {
  const channels = new Set(segments.map(({ channel }) => channel));
  return [...channels]
    .flatMap((channel) => cuesOfChannel(segments.filter((segment) => segment.channel === channel)))
    .sort((a, b) => a.startMs - b.startMs);
}

function cuesOfChannel(segments: readonly TranscriptSegment[]): Cue[] {
  const parts = segments.flatMap((segment) => divide(rulerFor(segment)));
  return parts.map((part, index): Cue => {
    const { ruler, from, to } = part;
    const next = parts[index + 1];
    const nextMs = next ? wordAt(next.ruler, next.from).startMs : Number.POSITIVE_INFINITY;
    return { ...timesOf(part, nextMs), lines: breakLines(ruler, from, to), channel: ruler.channel };
  });
}

/** The words of a segment and how to measure them, so that every width is computed once. */
interface Ruler {
  readonly words: readonly TimedWord[];
  readonly channel: number | null;
  /** Columns of a line in this script. */
  readonly lineWidth: number;
  /** Columns of the words `from` up to `to`. */
  readonly width: (from: number, to: number) => number;
}

/** Words of a segment that make a cue. */
interface Part {
  readonly ruler: Ruler;
  readonly from: number;
  readonly to: number;
}

function rulerFor({ text, words, channel }: TranscriptSegment): Ruler {
  const ends = [0];
  for (const { word, spaceBefore } of words) {
    ends.push((ends.at(-1) as number) + textWidth(word) + (spaceBefore ? 1 : 0));
  }
  const width = (from: number, to: number) =>
    (ends[to] as number) - (ends[from] as number) - (words[from]?.spaceBefore ? 1 : 0);
  return { words, channel, lineWidth: lineWidthFor(text), width };
}

function lineWidthFor(text: string): number {
  if (japanese.test(text)) return columns.japanese;
  return wideScript.test(text) ? columns.wide : columns.letters;
}

/** Cuts words into cues the cheapest way (dynamic programming over the places of the cuts). */
function divide(ruler: Ruler): Part[] {
  const costs = [0];
  const cuts = [0];
  for (let to = 1; to <= ruler.words.length; to++) {
    costs[to] = Number.POSITIVE_INFINITY;
    // A single word has to be shown, whatever its size.
    for (let from = to - 1; from === to - 1 || (from >= 0 && isShowable(ruler, from, to)); from--) {
      const cost = (costs[from] as number) + costOfCue - breakWorth(ruler.words, to);
      if (cost < (costs[to] as number)) [costs[to], cuts[to]] = [cost, from];
    }
  }
  const parts: Part[] = [];
  for (let to = ruler.words.length; to > 0; to = cuts[to] as number) {
    parts.unshift({ ruler, from: cuts[to] as number, to });
  }
  return parts;
}

function isShowable(ruler: Ruler, from: number, to: number): boolean {
  const lasts = wordAt(ruler, to - 1).endMs - wordAt(ruler, from).startMs;
  if (lasts > longestMs || ruler.width(from, to) > 2 * ruler.lineWidth + 1) return false;
  return ruler.width(from, to) <= ruler.lineWidth || bestBreak(ruler, from, to) !== null;
}

function breakLines(ruler: Ruler, from: number, to: number): string[] {
  const line = (start: number, end: number) => joinWords(ruler.words.slice(start, end));
  const at = ruler.width(from, to) > ruler.lineWidth ? bestBreak(ruler, from, to) : null;
  return at === null ? [line(from, to)] : [line(from, at), line(at, to)];
}

/** Where two lines are broken best, and then the most alike; null where they cannot be made to fit. */
function bestBreak({ words, width, lineWidth }: Ruler, from: number, to: number): number | null {
  let best: number | null = null;
  let most = Number.NEGATIVE_INFINITY;
  for (let at = from + 1; at < to; at++) {
    const [first, second] = [width(from, at), width(at, to)];
    if (first > lineWidth || second > lineWidth) continue;
    const worth = breakWorth(words, at) - Math.abs(first - second) / 2;
    if (worth > most) [best, most] = [at, worth];
  }
  return best;
}

/** What a break before word `at` is worth, in columns of unevenness that it makes up for. */
function breakWorth(words: readonly TimedWord[], at: number): number {
  const [before, after] = [words[at - 1], words[at]];
  if (!before || !after) return 0;
  if (sentenceEnd.test(before.word)) return worthOf.sentence;
  if (clauseEnd.test(before.word)) return worthOf.clause;
  const pause = Math.min(worthOf.clause, (after.startMs - before.endMs) / worthOf.msPerColumn);
  const short = after.spaceBefore && textWidth(before.word) <= shortWord;
  return pause - (short ? worthOf.shortWordBefore : 0);
}

function timesOf({ ruler, from, to }: Part, nextMs: number): { startMs: number; endMs: number } {
  const { startMs } = wordAt(ruler, from);
  const saidMs = wordAt(ruler, to - 1).endMs;
  const readMs = Math.max(shortestMs, (ruler.width(from, to) / columnsPerSecond) * 1_000);
  const latestMs = Math.max(saidMs + lingerMs, startMs + shortestMs);
  const wishedMs = Math.max(saidMs, Math.min(startMs + readMs, latestMs));
  const endMs = Math.round(Math.min(wishedMs, startMs + longestMs, nextMs));
  // Two words may be given the same time.
  return { startMs, endMs: Math.max(endMs, startMs + 1) };
}

function wordAt(ruler: Ruler, index: number): TimedWord {
  return ruler.words[index] as TimedWord;
}
