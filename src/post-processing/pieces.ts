import type { TimedWord } from '../transcript/index.js';
import { comparable, partsOf, unitsOf, type WordParts } from './word-parts.js';

/** A word, or a character of one that is written without spaces, as phrases are found in it. */
export interface Piece extends WordParts, Omit<TimedWord, 'word'> {
  /** As it is compared. */
  readonly unit: string;
  /** Index of its word. */
  readonly source: number;
}

/** Cuts a word where a phrase may begin or end; its time is shared out evenly. */
export function toPieces(word: TimedWord, source: number): Piece[] {
  const { lead, core, trail } = partsOf(word.word);
  const units = unitsOf(core);
  const { probability, spaceBefore } = word;
  return units.map((unit, index) => ({
    lead: index === 0 ? lead : '',
    core: unit,
    trail: index === units.length - 1 ? trail : '',
    unit: comparable(unit),
    source,
    ...part(word, index / units.length, (index + 1) / units.length),
    probability,
    spaceBefore: index === 0 && spaceBefore,
  }));
}

/** A part of a span of time; its ends are exactly the span's where the part's are 0 and 1. */
export function part(
  { startMs, endMs }: Pick<TimedWord, 'startMs' | 'endMs'>,
  from: number,
  to: number,
): Pick<TimedWord, 'startMs' | 'endMs'> {
  const at = (share: number) => {
    const wholeMs = Math.round(startMs + (endMs - startMs) * share);
    return share === 1 ? endMs : Math.min(endMs, Math.max(startMs, wholeMs));
  };
  return { startMs: from === 0 ? startMs : at(from), endMs: at(to) };
}
