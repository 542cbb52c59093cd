import { readFileSync } from 'node:fs';
import { spokenChineseNumber } from './chinese-numbers.mjs';
import { spokenNumber } from './english-numbers.mjs';

/**
 * A word (Chinese: a character) as it is compared, and where it stands in the text it is from.
 * @typedef {{ token: string, start: number, end: number }} Token
 */

/** Traditional characters that models write for those of our references. */
const simplified = new Map(
  Object.entries(
    JSON.parse(readFileSync(new URL('../alignments/traditional.json', import.meta.url), 'utf8')),
  ),
);

/** Spellings of one spoken word; the references spell them out. */
const abbreviations = new Map([
  ['mr', ['mister']],
  ['mrs', ['missus']],
  ['missis', ['missus']],
  ['dr', ['doctor']],
  ['st', ['saint']],
  ['&', ['and']],
  ['%', ['percent']],
]);

const han = /\p{Script=Han}/u;
/** A Chinese character, a number with its decimals, or a run of anything but spaces and dashes. */
const pieces =
  /\p{Script=Han}|[$£€]?\d[\d,]*(?:\.\d+)?(?:st|nd|rd|th|s)?(?![\p{L}\p{N}])%?|[^\s\-–—…\p{Script=Han}]+/giu;
const leading = /^[^\p{L}\p{N}$£€&%]+/u;
const trailing = /[^\p{L}\p{M}\p{N}%&]+$/u;

/**
 * Words of a text as they are compared, whatever system wrote them: lower case, without punctuation
 * and apostrophes, numbers and titles spelled out, Chinese by the character and simplified.
 * @param {string} text
 * @returns {Token[]} Positions are those of the written word; one that expands gives several tokens.
 */
export function tokens(text) {
  const chinese = han.test(text);
  const result = [];
  for (const match of text.matchAll(pieces)) {
    const [written] = match;
    // Punctuation is no part of the word: it may change after the word was committed.
    const piece = written.replace(leading, '').replace(trailing, '');
    const start = match.index + (leading.exec(written)?.[0].length ?? 0);
    const end = start + piece.length;
    for (const token of spoken(piece, chinese, text.slice(end))) result.push({ token, start, end });
  }
  return result;
}

/** @param {string} text @returns {string[]} Only the words. */
export function words(text) {
  return tokens(text).map(({ token }) => token);
}

function spoken(piece, chinese, following) {
  if (han.test(piece)) return [simplified.get(piece) ?? piece];
  const bare = piece.normalize('NFKC').toLowerCase();
  if (chinese && /^\d[\d,]*(\.\d+)?%?$/.test(bare)) {
    return [...spokenChineseNumber(bare.replace('%', ''), bare.endsWith('%') ? '%' : following)];
  }
  const number = spokenNumber(bare);
  if (number) return number;
  const word = bare.replace(/[^\p{L}\p{M}\p{N}&%]/gu, '');
  return word ? (abbreviations.get(word) ?? [word]) : [];
}
