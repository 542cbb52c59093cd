export interface KeepaliveOptions {
  readonly idleTimeoutMs: number;
  readonly pingIntervalMs: number;
}

export interface KeepaliveEvents {
  /** It is time for a ping. */
  ping(): void;
  /** Nothing was received for too long. */
  idle(): void;
  /** Pings are not answered: the other end is gone, and nobody closed the connection. */
  dead(): void;
}

/** Pings in a row without any sign of life, after which nobody is there. */
export const unansweredPings = 2;

/** Knows whether anybody is at the other end of a connection, and has something to say. */
export class Keepalive {
  readonly #idleTimer: NodeJS.Timeout;
  readonly #pingTimer: NodeJS.Timeout;
  #unanswered = 0;
  /** Whether we do not read, so that no sign of life can reach us. */
  #held = false;

  constructor(options: KeepaliveOptions, events: KeepaliveEvents) {
    this.#idleTimer = setInterval(() => {
      // Who is held back by us is not idle.
      if (!this.#held) events.idle();
    }, options.idleTimeoutMs);
    this.#pingTimer = setInterval(() => {
      if (this.#unanswered >= unansweredPings) {
        events.dead();
        return;
      }
      if (!this.#held) this.#unanswered++;
      events.ping();
    }, options.pingIntervalMs);
  }

  /** A frame came. */
  frame(): void {
    this.#unanswered = 0;
    this.#idleTimer.refresh();
  }

  /** An answer to a ping came. */
  pong(): void {
    this.#unanswered = 0;
  }

  /** Reading was stopped. */
  hold(): void {
    this.#held = true;
    this.#unanswered = 0;
  }

  /** Reading goes on. */
  release(): void {
    this.#held = false;
    this.#idleTimer.refresh();
  }

  close(): void {
    clearInterval(this.#idleTimer);
    clearInterval(this.#pingTimer);
  }
}
