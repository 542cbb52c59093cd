/** A session's partials may take this share of the time of one slot; the rest is left to others. */
const share = 0.75;
/** How much a new answer counts against the ones before it. */
const smoothing = 0.4;

/** A smoothed wait for a slot below which the engine has time. */
const idleWaitMs = 150;

/** A partial window on its way. */
export interface PartialRun {
  /** It was given a slot. */
  started(): void;
  /** @param answered Whether a hypothesis came of it. */
  ended(answered: boolean): void;
}

/**
 * How often a session asks for partials. One runs at a time, and the longer one takes, the longer
 * the pause to the next. While one still waits for a slot, every newer window may take its place:
 * what is decoded in the end is the newest audio there is, however long the wait was. So under load
 * all sessions thin out together, each by its turns in the queue, and none shows what is old.
 */
export class PartialPace {
  readonly #now: () => number;
  #waitMs = 0;
  #runMs = 0;
  /** Since when the session waits for its turn; undefined while it does not. */
  #waitingSince: number | undefined;
  #newest: PartialRun | undefined;
  #running: PartialRun | undefined;
  /** End of the last window that was given a slot, in milliseconds of audio. */
  #startedEndMs = Number.NEGATIVE_INFINITY;

  /** @param now Milliseconds of a monotonic clock. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Whether slots are free when this session asks for one, as things are. */
  get idle(): boolean {
    return this.#waitMs < idleWaitMs;
  }

  /** Milliseconds of audio between two partials, as things are. */
  get intervalMs(): number {
    return this.#runMs / share;
  }

  /** Whether a window that ends at `endMs` is due. */
  isDue(endMs: number): boolean {
    return !this.#running && endMs - this.#startedEndMs >= this.intervalMs;
  }

  /** A window that ends at `endMs` was asked for. */
  begin(endMs: number): PartialRun {
    this.#waitingSince ??= this.#now();
    let startedAt = 0;
    const run: PartialRun = {
      started: () => {
        startedAt = this.#now();
        const waitMs = startedAt - (this.#waitingSince ?? startedAt);
        this.#waitMs += smoothing * (waitMs - this.#waitMs);
        this.#waitingSince = undefined;
        this.#running = run;
        this.#startedEndMs = endMs;
      },
      ended: (answered) => {
        if (this.#running === run) this.#running = undefined;
        // It was not replaced by a newer one, but given up.
        if (this.#newest === run) this.#waitingSince = undefined;
        if (!answered) return;
        this.#runMs += smoothing * (this.#now() - startedAt - this.#runMs);
      },
    };
    this.#newest = run;
    return run;
  }
}
