import { joinWords, type TimedWord } from '../transcript/index.js';
import type { PostProcessor } from './post-processor.js';

/** An utterance's text as it is shown while it grows. What was shown as committed once, stays. */
export class UtteranceText {
  readonly #processor: PostProcessor;
  /** The first committed words settle it, since its rules must not change behind them. */
  #language: string | undefined;
  #committed: readonly TimedWord[] = [];
  readonly #hooked: string[] = [];

  constructor(processor: PostProcessor) {
    this.#processor = processor;
  }

  /** What was shown as committed at last. */
  get committed(): readonly TimedWord[] {
    return this.#committed;
  }

  /**
   * @param committed Words that stand.
   * @param words All words so far: these, the last one perhaps with more signs behind it, and what follows.
   */
  partial(
    committed: readonly TimedWord[],
    words: readonly TimedWord[],
    language: string,
  ): { committed: string; tentative: string } {
    if (committed.length > 0) this.#language ??= language;
    this.#committed = this.#process(committed, language, true);
    const text = joinWords(this.#committed);
    const whole = joinWords(this.#process(words, language, false));
    return { committed: text, tentative: whole.slice(text.length) };
  }

  /** @param stable Whether the words begin with those that stand; else nothing that was shown counts. */
  final(words: readonly TimedWord[], language: string, stable: boolean): readonly TimedWord[] {
    if (!stable) {
      this.#language = undefined;
      this.#hooked.length = 0;
    }
    return this.#process(words, language, false);
  }

  #process(words: readonly TimedWord[], language: string, open: boolean): readonly TimedWord[] {
    return this.#processor.process(words, {
      language: this.#language ?? language,
      live: true,
      beginsSentence: true,
      hooked: this.#hooked,
      open,
    });
  }
}
