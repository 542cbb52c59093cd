import { withoutTrailingPunctuation } from '../transcript/index.js';

/** A word and the signs around it; together they are the word as it is written. */
export interface WordParts {
  readonly lead: string;
  /** Never empty, unless the word is. */
  readonly core: string;
  /** What more audio may still change behind a word that stands. */
  readonly trail: string;
}

/** Scripts that put no spaces between words: a phrase may begin and end at any of their characters. */
const unspacedScript =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}ー\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;

/** Behind a word that ends a sentence. */
export const sentenceEnd = /[.!?。！？।؟۔։።]["'”’»)\]」』）]*$/u;

const characters = new Intl.Segmenter();

export function partsOf(word: string): WordParts {
  // The same border as where words are committed, so that what stands is cut alike later.
  const whole = withoutTrailingPunctuation(word);
  const core = whole.replace(/^[\p{P}\p{S}]+/u, '');
  if (core === '') return { lead: '', core: word, trail: '' };
  return {
    lead: whole.slice(0, whole.length - core.length),
    core,
    trail: word.slice(whole.length),
  };
}

/** The parts of a word that a phrase may begin or end with: itself, or each of its unspaced characters. */
export function unitsOf(core: string): string[] {
  if (!unspacedScript.test(core)) return [core];
  const units: string[] = [];
  let spaced = '';
  for (const character of charactersOf(core)) {
    if (unspacedScript.test(character)) {
      if (spaced) units.push(spaced);
      units.push(character);
      spaced = '';
    } else {
      spaced += character;
    }
  }
  if (spaced) units.push(spaced);
  return units;
}

/** A unit as it is compared: without the difference of upper and lower case, and of apostrophes. */
export function comparable(unit: string): string {
  return unit.normalize('NFKC').toLowerCase().replace(/[’ʼ]/gu, "'");
}

/** The characters that a reader would count. */
export function charactersOf(text: string): string[] {
  return Array.from(characters.segment(text), ({ segment }) => segment);
}
