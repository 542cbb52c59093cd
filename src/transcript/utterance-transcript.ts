import { type Agreement, LocalAgreement } from './local-agreement.js';
import { type Revision, revisions } from './revisions.js';
import { joinWords, type TimedWord } from './words.js';

/** The end of an utterance. */
export interface FinalText {
  readonly text: string;
  readonly words: readonly TimedWord[];
  /** Mean probability of the words, 0 … 1; 0 without words. */
  readonly confidence: number;
  /** Committed words that differ; always empty for stable finals. */
  readonly revised: readonly Revision[];
}

/** Assembles one utterance from hypotheses: partials that commit words, then the final. */
export class UtteranceTranscript {
  readonly #agreement = new LocalAgreement();

  /** Takes a hypothesis of a partial window. */
  partial(words: readonly TimedWord[]): Agreement {
    return this.#agreement.add(words);
  }

  /** Words that will not change any more. */
  get committedWords(): readonly TimedWord[] {
    return this.#agreement.committed;
  }

  /**
   * Takes the hypothesis of the final window.
   * @param stable True: the text begins with what was committed. False: it is the hypothesis as it
   *   is, and `revised` names the committed words it changed.
   */
  final(hypothesis: readonly TimedWord[], stable: boolean): FinalText {
    const committed = [...this.#agreement.committed];
    const words = stable ? this.#agreement.finish(hypothesis) : [...hypothesis];
    return {
      text: joinWords(words),
      words,
      confidence: mean(words.map(({ probability }) => probability)),
      revised: stable ? [] : revisions(committed, words),
    };
  }
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}
