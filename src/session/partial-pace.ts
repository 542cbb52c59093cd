/** A partial may take this share of the time between two of them; the rest is left to others. */
const share = 0.75;
/** How much a new answer counts against the ones before it. */
const smoothing = 0.4;
/** Longest time between two partials, however busy the engine is. */
const longestIntervalMs = 4_000;

/**
 * How often a session asks for partials: one at a time, and the longer an answer takes, queueing
 * included, the longer the pause to the next. Every session watches only its own answers, so that
 * under load all of them thin out together, and finals find free slots.
 */
export class PartialPace {
  #answerMs = 0;
  #busy = false;
  /** End of the last window that was asked for, in milliseconds of audio. */
  #lastEndMs = Number.NEGATIVE_INFINITY;

  /** Smoothed time from asking to the answer. */
  get answerMs(): number {
    return this.#answerMs;
  }

  /** Milliseconds of audio between two partials, as things are. */
  get intervalMs(): number {
    return Math.min(longestIntervalMs, this.#answerMs / share);
  }

  /** Whether a window that ends at `endMs` is due. */
  isDue(endMs: number): boolean {
    return !this.#busy && endMs - this.#lastEndMs >= this.intervalMs;
  }

  begin(endMs: number): void {
    this.#busy = true;
    this.#lastEndMs = endMs;
  }

  /** @param answerMs Time from asking to the answer; null where none came. */
  end(answerMs: number | null): void {
    this.#busy = false;
    if (answerMs === null) return;
    this.#answerMs += smoothing * (answerMs - this.#answerMs);
  }
}
