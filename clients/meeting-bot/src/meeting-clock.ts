/** Lag of a page's audio clock behind the wall clock that is taken for a stall of the page. */
const stallMs = 500;
const samplesPerMs = 16;
/** Pages that are known at once: the meeting's, and frames within. */
const maxPages = 16;

/**
 * Places audio on the clock of the meeting, which counts ms since the bot began. All tracks of a page
 * share its audio clock, so that they lie to each other as they were heard. That clock stands still
 * where the page does, and each page has its own; then the wall clock says where it lies.
 */
export class MeetingClock {
  readonly startedAt: number;
  /** Where the audio clock of each page begins on that of the meeting; the newest last. */
  readonly #bases = new Map<string, number>();

  /** @param startedAt Time 0 of the meeting, in epoch ms. */
  constructor(startedAt: number) {
    this.startedAt = startedAt;
  }

  /** Epoch ms as ms of the meeting; never before its beginning. */
  fromWall(wallMs: number): number {
    return Math.max(0, wallMs - this.startedAt);
  }

  /**
   * When the first sample of a block was heard.
   * @param frame Place of that sample on the page's audio clock.
   * @param wallMs When its last sample was there, in epoch ms.
   */
  place(page: string, frame: number, samples: number, wallMs: number): number {
    const heardMs = this.fromWall(wallMs) - samples / samplesPerMs;
    const audioMs = frame / samplesPerMs;
    const baseMs = this.#bases.get(page);
    if (baseMs !== undefined && heardMs - (baseMs + audioMs) <= stallMs) return baseMs + audioMs;
    if (baseMs === undefined) this.#forgetOldest();
    this.#bases.set(page, heardMs - audioMs);
    return heardMs;
  }

  #forgetOldest(): void {
    const [oldest] = this.#bases.keys();
    if (oldest !== undefined && this.#bases.size >= maxPages) this.#bases.delete(oldest);
  }
}
