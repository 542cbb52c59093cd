import type { TimedWord } from '../../../src/transcript/index.js';

/** Words of a sentence, 300 ms each, from `startMs` on. */
export function wordsOf(sentence: string, startMs = 0): TimedWord[] {
  return sentence
    .split(' ')
    .filter(Boolean)
    .map((word, index) => ({
      word,
      startMs: startMs + index * 300,
      endMs: startMs + index * 300 + 280,
      probability: 0.9,
      spaceBefore: true,
    }));
}

/** Characters of a text without spaces, as Chinese comes from the engine. */
export function charactersOf(text: string): TimedWord[] {
  return wordsOf([...text].join(' ')).map((word) => ({ ...word, spaceBefore: false }));
}
