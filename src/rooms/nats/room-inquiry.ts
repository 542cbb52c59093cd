/** How long whoever asks waits for those who have not answered. */
const patienceMs = 2_000;
/** How long later answers are still taken. */
const memoryMs = 15_000;

/** A question to all other gateways, until each has answered. */
export class RoomInquiry {
  /** Resolves when all have answered, or have had time to. */
  readonly answered: Promise<void>;
  readonly #awaited: Set<string>;
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #onOver: () => void;
  #settle = () => {};

  /** @param onOver Called once, when no answer is expected any more. */
  constructor(peers: readonly string[], onOver: () => void) {
    this.#awaited = new Set(peers);
    this.#onOver = onOver;
    this.answered = new Promise((resolve) => {
      this.#settle = resolve;
    });
    this.#timers.push(
      setTimeout(() => this.#settle(), patienceMs),
      setTimeout(() => this.close(), memoryMs),
    );
    for (const timer of this.#timers) timer.unref();
  }

  /** A gateway has told everything, or is gone. */
  release(peer: string): void {
    this.#awaited.delete(peer);
    if (this.#awaited.size === 0) this.close();
  }

  /** Idempotent. */
  close(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#settle();
    this.#onOver();
  }
}
