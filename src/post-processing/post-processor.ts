import type { PostProcessingRules } from '../protocol/index.js';
import type { TimedWord } from '../transcript/index.js';
import { applyPhrases } from './apply-phrases.js';
import { type Finish, finishWords } from './finish-words.js';
import { PhraseBook } from './phrase-book.js';
import type { WordHook } from './word-hook.js';

/** Which words, and where they stand. */
export type Place = Pick<Finish, 'language' | 'live' | 'beginsSentence' | 'hooked' | 'open'>;

/** What becomes of heard words before anybody sees them. */
export interface PostProcessor {
  /** False where every word stays as it was heard. */
  readonly active: boolean;
  /**
   * The words as they are shown. With `open` they are those that stand whatever follows: the text of what is
   * given for a beginning of the words is a beginning of the text that is given for more of them.
   */
  process(words: readonly TimedWord[], place: Place): readonly TimedWord[];
}

export const asHeard: PostProcessor = { active: false, process: (words) => words };

export function createPostProcessor(rules: PostProcessingRules, hook?: WordHook): PostProcessor {
  const { replacements = [], mask, formatting = 'none' } = rules;
  const hasPhrases = replacements.length > 0 || (mask?.words.length ?? 0) > 0;
  if (!hasPhrases && formatting === 'none' && !hook) return asHeard;
  // A language that no rule names is one like any other, so there are few books.
  const named = new Set([...replacements, ...(mask ? [mask] : [])].map(({ language }) => language));
  const books = new Map<string, PhraseBook>();
  const bookFor = (language: string) => {
    const name = named.has(language) ? language : '';
    const book = books.get(name) ?? new PhraseBook(rules, name);
    books.set(name, book);
    return book;
  };
  return {
    active: true,
    process: (words, place) => {
      const items = applyPhrases(words, bookFor(place.language), place.open);
      return finishWords(items, { ...place, formatting, hook });
    },
  };
}
