import type { PostProcessingRules } from '../protocol/index.js';
import type { TimedWord } from '../transcript/index.js';
import type { Item } from './apply-phrases.js';
import type { WordContext, WordHook } from './word-hook.js';
import { sentenceEnd } from './word-parts.js';

export interface Finish {
  readonly formatting: NonNullable<PostProcessingRules['formatting']>;
  readonly language: string;
  readonly live: boolean;
  /** Whether the first word begins a sentence. */
  readonly beginsSentence: boolean;
  readonly hook: WordHook | undefined;
  /** What the hook made of words that stand, so that it is asked only once for each; grows where `open`. */
  readonly hooked: string[];
  readonly open: boolean;
}

/** "Mr.", "J.", "3.", "e.g.": their full stops end no sentence. */
const abbreviation = /^(\p{Lu}\p{L}{0,2}|\p{L}|\p{N}+|.*\..*)$/u;
const letterOrDigit = /[\p{L}\p{N}]/u;
/** Punctuation; but no signs that are said, such as those of "50%", "#3" and "R&D". */
const unsaidSign = /(?![%‰#@&*§])\p{P}/gu;

/**
 * Formats words, hands each to the operator's hook, and puts them together with their signs. What it makes of
 * a word depends on the words before it only.
 */
export function finishWords(items: readonly Item[], finish: Finish): TimedWord[] {
  const words: TimedWord[] = [];
  let begins = finish.beginsSentence;
  for (const [index, item] of items.entries()) {
    const ends = endsSentence(item);
    const core = hooked(formatted(item, begins, finish), item, index, words.at(-1), finish);
    if (core === '') {
      closeSentence(words, item, finish);
      begins ||= ends;
      continue;
    }
    const { startMs, endMs, probability, spaceBefore } = item;
    const word = sign(item.lead, finish) + core + sign(item.trail, finish);
    words.push({ word, startMs, endMs, probability, spaceBefore });
    begins = ends || (begins && !letterOrDigit.test(core));
  }
  return words;
}

function formatted(item: Item, begins: boolean, { formatting, language }: Finish): string {
  if (item.written || formatting === 'none') return item.core;
  // Turkish has two letters i; what is no language code is no locale either.
  const locale = /^[a-z]{2,3}$/.test(language) ? language : undefined;
  if (formatting === 'plain') {
    const isSign = !letterOrDigit.test(item.core);
    const said = isSign ? item.core.replace(unsaidSign, '') : item.core;
    return said.toLocaleLowerCase(locale);
  }
  if (!begins) return item.core;
  return item.core.replace(/^\p{Ll}/u, (letter) => letter.toLocaleUpperCase(locale));
}

function hooked(
  core: string,
  { startMs, endMs, probability }: Item,
  index: number,
  before: TimedWord | undefined,
  { hook, hooked: known, language, live, open }: Finish,
): string {
  if (!hook || core === '') return core;
  const kept = known[index];
  if (kept !== undefined) return kept;
  const previous = before?.word ?? '';
  const context: WordContext = { language, live, previous, startMs, endMs, probability };
  const text = hook(core, context);
  if (open) known[index] = text;
  return text;
}

/** A sentence that ended with a word that is left out ends with the word before it. */
function closeSentence(words: TimedWord[], { trail }: Item, finish: Finish): void {
  const last = words.at(-1);
  if (!last || !sentenceEnd.test(trail) || /[\p{P}\p{S}]$/u.test(last.word)) return;
  words[words.length - 1] = { ...last, word: last.word + sign(trail, finish) };
}

function sign(signs: string, { formatting }: Finish): string {
  return formatting === 'plain' ? signs.replace(unsaidSign, '') : signs;
}

function endsSentence({ core, trail }: Item): boolean {
  // Chinese full stops come as words of their own.
  if (!letterOrDigit.test(core)) return sentenceEnd.test(core + trail);
  return sentenceEnd.test(trail) && !(trail.startsWith('.') && abbreviation.test(core));
}
