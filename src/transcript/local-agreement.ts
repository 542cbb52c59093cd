import { alignPrefix } from './align-prefix.js';
import { takeTimes } from './word-times.js';
import { joinWords, normalizeWord, type TimedWord, withoutTrailingPunctuation } from './words.js';

/** What of an utterance stands and what may still change. */
export interface Agreement {
  readonly committed: string;
  readonly tentative: string;
}

/** What of an agreement outlives the process it was made in. */
export interface AgreementState {
  readonly committed: readonly TimedWord[];
  readonly openPunctuation: string;
}

/** A word of which the model is this sure, 0 … 1, needs no second hypothesis … */
const sureProbability = 0.7;
/** … and neither does any that ended this much earlier still: audio far behind it changes it no more. */
const surelyPastMs = 1_000;

/**
 * LocalAgreement-2 (Liu et al. 2020, as used by whisper_streaming, arXiv 2307.14743): words on which
 * two hypotheses in a row agree are committed, and never change again.
 *
 * Agreement ignores case and punctuation. The punctuation behind the last committed word stays open
 * until the next word is committed, because it depends on what follows; so the committed text only
 * ever grows at its end.
 */
export class LocalAgreement {
  readonly #committed: TimedWord[] = [];
  /** What the last hypothesis said behind the committed words. */
  #tail: TimedWord[] = [];
  /** What the newest hypothesis writes behind the last committed word. */
  #openPunctuation = '';

  constructor(from?: AgreementState) {
    if (!from) return;
    this.#committed.push(...from.committed);
    this.#openPunctuation = from.openPunctuation;
  }

  get state(): AgreementState {
    return { committed: [...this.#committed], openPunctuation: this.#openPunctuation };
  }

  /** Committed words; the last one without its open punctuation. */
  get committed(): readonly TimedWord[] {
    return this.#committed;
  }

  /**
   * Takes a hypothesis of the utterance so far.
   * @param skipped Committed words that were said before the hypothesis begins.
   * @param sureUntilMs Words that end by then need no second hypothesis where the model was sure of
   *   them: for hypotheses that come too rarely to wait for the next.
   */
  add(
    hypothesis: readonly TimedWord[],
    skipped = 0,
    sureUntilMs = Number.NEGATIVE_INFINITY,
  ): Agreement {
    const tail = this.#behindCommitted(hypothesis, skipped);
    const agreed = Math.max(this.#agreedWords(tail), sureWords(tail, sureUntilMs));
    for (const word of tail.slice(0, agreed)) this.#commit(word);
    this.#tail = tail.slice(agreed);
    return this.current;
  }

  /** The text as it stands. */
  get current(): Agreement {
    const committed = joinWords(this.#committed);
    return { committed, tentative: joinWords(this.words).slice(committed.length) };
  }

  /** The words as they stand: the committed ones with their open punctuation, and what follows. */
  get words(): TimedWord[] {
    const last = this.#committed.length - 1;
    const closed = this.#committed.map((word, index) =>
      index === last ? { ...word, word: word.word + this.#openPunctuation } : word,
    );
    return [...closed, ...this.#tail];
  }

  /**
   * The utterance's last words: the committed ones, then what the last hypothesis says behind them.
   * Committed words have the times of that hypothesis, which heard all of what was said around them.
   * @param skipped Committed words that were said before the hypothesis begins.
   */
  finish(hypothesis: readonly TimedWord[], skipped = 0): TimedWord[] {
    const tail = this.#behindCommitted(hypothesis, skipped);
    this.#closePunctuation();
    const before = this.#committed.slice(0, skipped);
    const again = hypothesis.slice(0, hypothesis.length - tail.length);
    return [...before, ...takeTimes(this.#committed.slice(skipped), again), ...tail];
  }

  /** The part of a hypothesis behind the committed words; fixes the open punctuation on the way. */
  #behindCommitted(hypothesis: readonly TimedWord[], skipped: number): TimedWord[] {
    const normalized = hypothesis.map(({ word }) => normalizeWord(word));
    const prefix = this.#committed.slice(skipped).map(({ word }) => normalizeWord(word));
    const from = alignPrefix(prefix, normalized);
    this.#rememberPunctuation(hypothesis[from - 1]);
    return hypothesis.slice(from);
  }

  #agreedWords(tail: readonly TimedWord[]): number {
    let agreed = 0;
    while (
      agreed < Math.min(tail.length, this.#tail.length) &&
      normalizeWord((tail[agreed] as TimedWord).word) ===
        normalizeWord((this.#tail[agreed] as TimedWord).word)
    ) {
      agreed++;
    }
    return agreed;
  }

  #rememberPunctuation(seen: TimedWord | undefined): void {
    const last = this.#committed.at(-1);
    if (!last || !seen || normalizeWord(seen.word) !== normalizeWord(last.word)) return;
    this.#openPunctuation = seen.word.slice(withoutTrailingPunctuation(seen.word).length);
  }

  #commit(word: TimedWord): void {
    this.#closePunctuation();
    const bare = withoutTrailingPunctuation(word.word);
    this.#openPunctuation = word.word.slice(bare.length);
    this.#committed.push({ ...word, word: bare });
  }

  #closePunctuation(): void {
    const last = this.#committed.pop();
    if (last) this.#committed.push({ ...last, word: last.word + this.#openPunctuation });
    this.#openPunctuation = '';
  }
}

/** How many words from the first on are surely right: well before the end of the audio. */
function sureWords(words: readonly TimedWord[], untilMs: number): number {
  const unsure = words.findIndex(
    ({ endMs, probability }) =>
      endMs > untilMs || (probability < sureProbability && endMs > untilMs - surelyPastMs),
  );
  return unsure < 0 ? words.length : unsure;
}
