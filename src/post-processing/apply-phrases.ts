import type { TimedWord } from '../transcript/index.js';
import type { PhraseBook, PhraseRule } from './phrase-book.js';
import { type Piece, part, toPieces } from './pieces.js';
import { charactersOf, type WordParts } from './word-parts.js';

/** A word on its way out. Where `core` is empty, the word is left out and the signs around it are what remains. */
export interface Item extends WordParts, Omit<TimedWord, 'word'> {
  /** Whether a rule wrote it: such words are left as they were asked for. */
  readonly written: boolean;
}

const blank = '[__]';
const maskSign = '*';

/**
 * Looks for phrases from the left to the right, the longest first; what a rule wrote is not looked at again.
 * @param open More words may follow: words at the end that may yet become part of a phrase are held back,
 *   so that what is given stays whatever follows.
 */
export function applyPhrases(words: readonly TimedWord[], book: PhraseBook, open: boolean): Item[] {
  const pieces = words.flatMap(toPieces);
  const items: Item[] = [];
  /** Pieces of one word in which no phrase was found so far. */
  let heard: Piece[] = [];
  const endHeard = () => {
    if (heard.length > 0) items.push(joined(heard));
    heard = [];
  };
  for (let at = 0; at < pieces.length; ) {
    const piece = pieces[at] as Piece;
    if (heard[0]?.source !== piece.source) endHeard();
    const { match, goesOn } = book.find(pieces, at);
    if (open && goesOn) return items;
    if (match) {
      endHeard();
      items.push(...changed(pieces.slice(at, at + match.length), match.rule));
    } else {
      heard.push(piece);
    }
    at += match?.length ?? 1;
  }
  endHeard();
  return items;
}

function changed(pieces: readonly Piece[], rule: PhraseRule): Item[] {
  if (rule.kind === 'write') return written(pieces, rule.to);
  if (rule.style !== 'letters') return written(pieces, rule.style === 'blank' ? blank : '');
  return wordsOf(pieces).map((word, index) => {
    const item = joined(word);
    const characters = charactersOf(item.core);
    // Without spaces, the words of a phrase are one to a reader.
    const shown = index === 0 || item.spaceBefore ? 1 : 0;
    const hidden = maskSign.repeat(characters.length - shown);
    return { ...item, core: characters.slice(0, shown).join('') + hidden };
  });
}

/** The words of a rule, in the time and with the signs of those that they stand for. */
function written(pieces: readonly Piece[], text: string): Item[] {
  const heard = joined(pieces);
  const texts = text.trim().split(/\s+/u);
  const length = texts.join('').length || 1;
  let done = 0;
  return texts.map((core, index) => {
    const from = done / length;
    done += core.length;
    const isLast = index === texts.length - 1;
    return {
      ...heard,
      ...part(heard, from, isLast ? 1 : done / length),
      lead: index === 0 ? heard.lead : '',
      core,
      // "Inc." at the end of a sentence has one full stop.
      trail: isLast && !(heard.trail && core.endsWith(heard.trail)) ? heard.trail : '',
      spaceBefore: index === 0 ? heard.spaceBefore : true,
      written: true,
    };
  });
}

function wordsOf(pieces: readonly Piece[]): Piece[][] {
  const words = new Map<number, Piece[]>();
  for (const piece of pieces) words.set(piece.source, [...(words.get(piece.source) ?? []), piece]);
  return [...words.values()];
}

function joined(pieces: readonly Piece[]): Item {
  const [first, last] = [pieces[0] as Piece, pieces.at(-1) as Piece];
  return {
    lead: first.lead,
    core: pieces.map(({ core }) => core).join(''),
    trail: last.trail,
    startMs: first.startMs,
    endMs: Math.max(first.startMs, ...pieces.map(({ endMs }) => endMs)),
    probability:
      first.source === last.source
        ? first.probability
        : pieces.reduce((sum, { probability }) => sum + probability, 0) / pieces.length,
    spaceBefore: first.spaceBefore,
    written: false,
  };
}
