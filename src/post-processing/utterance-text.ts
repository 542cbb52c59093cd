import { joinWords, type TimedWord } from '../transcript/index.js';
import type { PostProcessor } from './post-processor.js';

/** What of a text outlives the process it was made in, beside the words that were heard. */
export interface TextState {
  readonly language: string | null;
  readonly hooked: readonly string[];
}

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

  get state(): TextState {
    return { language: this.#language ?? null, hooked: [...this.#hooked] };
  }

  /** Goes on where another process left off. @param committed Words that stand. */
  goOn({ language, hooked }: TextState, committed: readonly TimedWord[]): void {
    if (language === null) return;
    this.#language = language;
    this.#hooked.push(...hooked);
    this.#committed = this.#process(committed, language, true);
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
