export interface PeerHooks {
  /** A gateway is there, or is back after its connection was lost. */
  onPresent(id: string): void;
  onGone(id: string): void;
}

interface Peer {
  /** Counts the connections it has had; 0 while that is not known. */
  connection: number;
  /** `performance.now()` of its last sign of life. */
  heardAt: number;
}

/** A gateway that was silent for so long is gone. */
const silentMs = 5_000;
/** Where we did not even hear ourselves for so long, all others get that time again. */
const deafMs = 2_000;

/**
 * The other gateways that are there. Silence counts only while our own signs of life come back to us: when they do not,
 * it is the way between that is gone.
 */
export class Peers {
  readonly #self: string;
  readonly #hooks: PeerHooks;
  readonly #peers = new Map<string, Peer>();
  #heardSelfAt = 0;

  constructor(self: string, hooks: PeerHooks) {
    this.#self = self;
    this.#hooks = hooks;
  }

  get ids(): string[] {
    return [...this.#peers.keys()];
  }

  /**
   * A gateway was heard, which may be this one.
   * @param connection Where it says how many connections it has had.
   */
  heard(id: string, now: number, connection?: number): void {
    if (id === this.#self) {
      this.#onEcho(now);
      return;
    }
    const peer = this.#peers.get(id);
    if (!peer) {
      this.#peers.set(id, { connection: connection ?? 0, heardAt: now });
      this.#hooks.onPresent(id);
      return;
    }
    peer.heardAt = now;
    if (connection === undefined || connection === peer.connection) return;
    const isBack = peer.connection !== 0;
    peer.connection = connection;
    if (isBack) this.#hooks.onPresent(id);
  }

  /** A gateway has said that it leaves. */
  remove(id: string): void {
    if (this.#peers.delete(id)) this.#hooks.onGone(id);
  }

  #onEcho(now: number): void {
    const deaf = now - this.#heardSelfAt > deafMs;
    this.#heardSelfAt = now;
    for (const [id, peer] of this.#peers) {
      if (deaf) peer.heardAt = now;
      else if (now - peer.heardAt > silentMs) this.remove(id);
    }
  }
}
