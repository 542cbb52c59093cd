import { type Agreement, type AgreementState, LocalAgreement } from './local-agreement.js';
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

/** When committed audio is left out of the next window, and how much of it stays. */
export interface Trimming {
  /** Committed audio from which it is worth it. */
  readonly fromMs: number;
  /** Committed audio before the last committed word that stays as context. */
  readonly keptMs: number;
}

/** Assembles one utterance from hypotheses: partials that commit words, then the final. */
export class UtteranceTranscript {
  readonly #agreement: LocalAgreement;

  constructor(from?: AgreementState) {
    this.#agreement = new LocalAgreement(from);
  }

  get state(): AgreementState {
    return this.#agreement.state;
  }

  /**
   * Takes a hypothesis of a partial window that begins at `startMs`.
   * @param sureUntilMs As in `LocalAgreement.add`.
   */
  partial(words: readonly TimedWord[], startMs: number, sureUntilMs?: number): Agreement {
    return this.#agreement.add(words, this.#wordsBefore(startMs), sureUntilMs);
  }

  /**
   * Where the next window may begin: what was said before it is committed, and enough committed words
   * follow for the model to find its way. Null while that is nowhere behind `startMs`.
   */
  trimPoint(startMs: number, { fromMs, keptMs }: Trimming): number | null {
    const committed = this.#agreement.committed;
    const last = committed.at(-1);
    if (!last || last.endMs - startMs < fromMs) return null;
    const candidates = committed.filter(
      ({ endMs }) => endMs > startMs && endMs <= last.endMs - keptMs,
    );
    // The end of a sentence is the best place, else the widest gap is.
    const gap = (word: TimedWord) =>
      (committed[committed.indexOf(word) + 1]?.startMs ?? word.endMs) - word.endMs;
    const sentence = candidates.findLast(({ word }) => /[.!?。！？]$/u.test(word));
    return (sentence ?? candidates.toSorted((a, b) => gap(a) - gap(b)).at(-1))?.endMs ?? null;
  }

  /** All words of the newest hypothesis: the committed ones, and what may still change behind them. */
  get words(): readonly TimedWord[] {
    return this.#agreement.words;
  }

  /** Words that will not change any more. */
  get committedWords(): readonly TimedWord[] {
    return this.#agreement.committed;
  }

  /**
   * Takes the hypothesis of the final window.
   * @param startMs Where that window begins.
   * @param stable True: the text begins with what was committed. False: it is the hypothesis as it
   *   is, and `revised` names the committed words it changed; its window has to be the whole utterance.
   */
  final(hypothesis: readonly TimedWord[], startMs: number, stable: boolean): FinalText {
    const committed = [...this.#agreement.committed];
    const words = stable
      ? this.#agreement.finish(hypothesis, this.#wordsBefore(startMs))
      : [...hypothesis];
    return {
      text: joinWords(words),
      words,
      confidence: mean(words.map(({ probability }) => probability)),
      revised: stable ? [] : revisions(committed, words),
    };
  }

  /** Committed words that a window from `startMs` on does not hold. */
  #wordsBefore(startMs: number): number {
    const first = this.#agreement.committed.findIndex(({ endMs }) => endMs > startMs);
    return first < 0 ? this.#agreement.committed.length : first;
  }
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}
