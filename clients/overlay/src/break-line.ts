import { textWidth } from './text-width.js';
import { isPunctuation, joinsWithoutSpace, type Unit } from './units.js';

/** How wide a text is, in characters. */
export type Measure = (text: string) => number;

const sentenceEnd = /[.!?…。！？؟।]["'”’»)\]」』）]*$/u;
const clauseEnd = /[,;:、，；：،—–]["'”’»)\]」』）]*$/u;

/** Shares of a line from which on it may end early, though more would fit: the better the place, the sooner. */
const early = { utterance: 0.5, sentence: 0.6, clause: 0.8 } as const;
/** Where a line has to end within the words that are known, it is at least so full. */
const least = 0.5;
/** What a break costs, by its place, and an empty line; the cheapest is taken. */
const cost = { sentence: 0, clause: 1, phrase: 2, words: 4, within: 8, emptiness: 10 } as const;

/** Words that begin a phrase, or tie what follows to them, in a few languages: a line ends before them. */
const leading = new Set(
  `and or but nor so because although though while when where which who whom whose that if unless until since than
   of in on at by for from with without to into onto about over under between through during before after against as
   the a an my your his her its our their this these those not no very
   und oder aber denn weil dass wenn als der die das den dem des ein eine einen einem einer nicht mit von zu bei für auf
   et ou mais donc car que qui dont quand si le la les un une des du de dans sur avec pour par sans ne
   y o pero porque cuando el los las una unos con sin para por en al del
   e ma che quando il lo gli con per tra di da em com para por não`.split(/\s+/),
);

/**
 * Whether a line ends here, so that the next unit begins another one.
 * @param line What stands on it.
 * @param ahead Units that are known to follow, the next one first; those further on may still change.
 */
export function endsLine(
  line: string,
  ahead: readonly Unit[],
  limit: number,
  width: Measure,
): boolean {
  const next = ahead[0];
  if (!next || line === '') return false;
  if (!fits(line, next, limit, width)) return true;
  if (next.glued) return false;
  const share = width(line) / limit;
  if (next.begins && share >= early.utterance) return true;
  if (sentenceEnd.test(line) && share >= early.sentence) return true;
  if (clauseEnd.test(line) && share >= early.clause) return true;
  return cheapestBreak(line, ahead, limit, width) === 0;
}

/**
 * Whether a unit has room on a line. A word is committed before the punctuation behind it is, which has to
 * have room as well.
 */
export function fits(line: string, unit: Unit, limit: number, width: Measure): boolean {
  const last = [...unit.text].at(-1) ?? '';
  const reserve = isPunctuation(last) ? 0 : textWidth(last);
  return width(append(line, unit)) + reserve <= limit;
}

/** A line with one more unit on it. */
export function append(line: string, unit: Unit): string {
  return line + addition(line, unit);
}

/** What a unit adds to a line: itself, and the space before it. */
export function addition(line: string, unit: Unit): string {
  if (line === '' || unit.glued) return unit.text;
  if (unit.begins) return joinsWithoutSpace(line, unit.text) ? unit.text : ` ${unit.text}`;
  return unit.space ? ` ${unit.text}` : unit.text;
}

/** Before which of the units ahead the line ends best; null where it need not end among them. */
function cheapestBreak(
  line: string,
  ahead: readonly Unit[],
  limit: number,
  width: Measure,
): number | null {
  let best: number | null = null;
  let lowest = Number.POSITIVE_INFINITY;
  let text = line;
  for (const [index, unit] of ahead.entries()) {
    const used = width(text);
    if (!unit.glued && used >= least * limit) {
      const price = priceOf(text, unit) + cost.emptiness * (1 - used / limit);
      if (price <= lowest) [best, lowest] = [index, price];
    }
    if (!fits(text, unit, limit, width)) return best;
    text = append(text, unit);
  }
  return null;
}

function priceOf(line: string, next: Unit): number {
  if (next.begins || sentenceEnd.test(line)) return cost.sentence;
  if (clauseEnd.test(line)) return cost.clause;
  // An article or a preposition is not left behind at a line's end.
  if (leading.has(lastWord(line))) return cost.within;
  return leading.has(plain(next.text)) ? cost.phrase : cost.words;
}

function lastWord(line: string): string {
  return plain(line.slice(line.lastIndexOf(' ') + 1));
}

function plain(word: string): string {
  return isPunctuation(word) ? word : word.toLowerCase().replace(/[^\p{L}\p{M}\p{N}]/gu, '');
}
