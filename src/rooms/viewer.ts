import type { RoomMessage } from './room-message.js';

/** The connection of somebody who watches. */
export interface ViewerSink {
  /** Bytes that the network did not take yet. */
  readonly unreadBytes: number;
  /** Sends, and calls `written` once the network took it. Ignored once closed. */
  send(message: RoomMessage, written: () => void): void;
  /** Sends something without a meaning, so that nobody on the way takes the connection for dead. */
  ping(): void;
  close(code: number, reason: string): void;
  /** Drops the connection at once. */
  terminate(): void;
}

/** Pings during which a viewer that lags may take nothing at all. */
const patience = 3;

/**
 * Sends a room's events to one connection. Where more than a limit waits for it, events are left out
 * until it took what it was sent; then one snapshot brings it up to date.
 */
export class Viewer {
  readonly #sink: ViewerSink;
  readonly #maxUnreadBytes: number;
  readonly #snapshot: () => RoomMessage;
  readonly #onLagging: () => void;
  /** Whether it was shown what events go on from. */
  #begun = false;
  #lagging = false;
  #beatsLagging = 0;
  /** One function for all messages: there may be hundreds of viewers. */
  readonly #onWritten = () => {
    if (!this.#lagging || this.#sink.unreadBytes > 0) return;
    this.#lagging = false;
    this.#beatsLagging = 0;
    this.#sink.send(this.#snapshot(), this.#onWritten);
  };

  constructor(
    sink: ViewerSink,
    maxUnreadBytes: number,
    snapshot: () => RoomMessage,
    onLagging: () => void,
  ) {
    this.#sink = sink;
    this.#maxUnreadBytes = maxUnreadBytes;
    this.#snapshot = snapshot;
    this.#onLagging = onLagging;
  }

  /** Sends a snapshot: the first thing it is sent, and whatever events alone do not tell. */
  show(snapshot: RoomMessage): void {
    this.#begun = true;
    this.take(snapshot);
  }

  /** Sends an event, once there was a snapshot. */
  take(message: RoomMessage): void {
    if (!this.#begun || this.#lagging) return;
    const { unreadBytes } = this.#sink;
    if (unreadBytes > 0 && unreadBytes + message.bytes > this.#maxUnreadBytes) {
      this.#lagging = true;
      this.#onLagging();
      return;
    }
    this.#sink.send(message, this.#onWritten);
  }

  /** Called now and then: keeps the connection open, or drops one that takes nothing. */
  beat(): void {
    if (!this.#lagging) this.#sink.ping();
    else if (++this.#beatsLagging >= patience) this.#sink.terminate();
  }

  close(code: number, reason: string): void {
    this.#sink.close(code, reason);
  }
}
