/** How far back finals count. */
const rememberedMs = 10_000;
/** Finals that are too few to say anything: one may wait for a worker that is being replaced. */
const fewest = 4;
/** Share of finals that wait too long, from which on there is more work than the machine can do. */
const lateShare = 0.25;

export interface OverloadOptions {
  /** Longest wait of a final for its slot that is in time, in ms. */
  readonly maxFinalWaitMs: number;
  /** Milliseconds on a clock that never goes back. */
  readonly now?: () => number;
}

/**
 * Knows whether finals come late. Partials give way to them, so that where finals wait there is nothing
 * left to give: whoever comes then makes captions late for everybody.
 */
export class Overload {
  readonly #maxFinalWaitMs: number;
  readonly #now: () => number;
  /** The latest finals, the oldest first. */
  #finals: { readonly atMs: number; readonly isLate: boolean }[] = [];

  constructor({ maxFinalWaitMs, now = () => performance.now() }: OverloadOptions) {
    this.#maxFinalWaitMs = maxFinalWaitMs;
    this.#now = now;
  }

  /** A final was given its first slot. */
  started(queueMs: number): void {
    this.#forget();
    this.#finals.push({ atMs: this.#now(), isLate: queueMs > this.#maxFinalWaitMs });
  }

  /** @param longestWaitMs Of the finals that wait now. */
  isOver(longestWaitMs: number): boolean {
    if (longestWaitMs > 2 * this.#maxFinalWaitMs) return true;
    this.#forget();
    const late = this.#finals.filter(({ isLate }) => isLate).length;
    return this.#finals.length >= fewest && late >= lateShare * this.#finals.length;
  }

  #forget(): void {
    const since = this.#now() - rememberedMs;
    this.#finals = this.#finals.filter(({ atMs }) => atMs >= since);
  }
}
