/** How long somebody counts as speaking after the last window that was asked for them. */
const speakingMs = 10_000;
/** Windows of a kind that say what a second of speech costs, the newest ones. */
const remembered = 32;
/** Fewer say nothing. */
const fewest = 4;
/** A second in a window of one or two seconds costs more than in a whole utterance (docs/benchmarks.md, addon). */
const partialToFinal = 0.6;
/** Share of the time in which somebody who speaks is heard; the rest are pauses between utterances. */
const speechShare = 0.8;
/**
 * Share of the slots' time that finals may take. They come by chance, and wait for one another where little is
 * left; some are decoded twice; and every caption should have been previewed at least once.
 */
const busiest = 0.5;

interface Cost {
  readonly audioMs: number;
  readonly inferenceMs: number;
}

/**
 * Foresees how much of a slot's time the finals of those who speak will take. It knows before the first of
 * them is late: what a second of speech costs, partials tell as well, and who was let in is counted before
 * they have said a word.
 */
export class SpeakingLoad {
  readonly #now: () => number;
  /** When a window was last asked for, by session. */
  readonly #speakers = new Map<string, number>();
  /** When sessions were let in that have not spoken yet. */
  readonly #expected = new Map<string, number>();
  readonly #costs: { readonly [Lane in 'final' | 'partial']: Cost[] } = { final: [], partial: [] };

  /** @param now Milliseconds on a clock that never goes back. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** A session was let in. */
  admitted(sessionId: string): void {
    this.#expected.set(sessionId, this.#now());
  }

  /** A live window of a session was asked for. */
  asked(sessionId: string): void {
    this.#expected.delete(sessionId);
    this.#speakers.set(sessionId, this.#now());
  }

  /** A live window was decoded. */
  decoded(lane: 'final' | 'partial', audioMs: number, inferenceMs: number): void {
    const costs = this.#costs[lane];
    costs.push({ audioMs, inferenceMs });
    if (costs.length > remembered) costs.shift();
  }

  /** A session is over. */
  left(sessionId: string): void {
    this.#expected.delete(sessionId);
    this.#speakers.delete(sessionId);
  }

  /** Whether the finals of one more speaker would take more time than so many slots have; false while nothing is known. */
  isFull(slots: number): boolean {
    const since = this.#now() - speakingMs;
    for (const heard of [this.#expected, this.#speakers]) {
      for (const [sessionId, at] of heard) if (at < since) heard.delete(sessionId);
    }
    const speakers = this.#speakers.size + this.#expected.size + 1;
    return speakers * speechShare * this.#costOfSecond > busiest * slots;
  }

  /** Seconds of a slot for a second of speech. */
  get #costOfSecond(): number {
    const { final, partial } = this.#costs;
    if (final.length >= fewest) return ratioOf(final);
    return partial.length >= fewest ? partialToFinal * ratioOf(partial) : 0;
  }
}

function ratioOf(costs: readonly Cost[]): number {
  const sum = (field: keyof Cost) => costs.reduce((total, cost) => total + cost[field], 0);
  return sum('inferenceMs') / sum('audioMs');
}
