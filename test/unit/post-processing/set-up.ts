import {
  createPostProcessor,
  UtteranceText,
  type WordHook,
} from '../../../src/post-processing/index.js';
import type { PostProcessingRules } from '../../../src/protocol/index.js';
import { joinWords, type TimedWord } from '../../../src/transcript/index.js';

/** The words of a finished text after these rules. */
export function processed(
  words: readonly TimedWord[],
  rules: PostProcessingRules,
  language = 'en',
  hook?: WordHook,
): readonly TimedWord[] {
  const text = new UtteranceText(createPostProcessor(rules, hook));
  return text.final(words, language, true);
}

export function textAfter(
  words: readonly TimedWord[],
  rules: PostProcessingRules,
  language = 'en',
  hook?: WordHook,
): string {
  return joinWords(processed(words, rules, language, hook));
}
