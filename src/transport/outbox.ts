import type { Socket } from './socket.js';

/** How long a client may take for its part of the closing handshake. */
export const closeTimeoutMs = 2_000;

/** What goes out on a socket, up to the close: nothing is sent behind it. */
export class Outbox {
  readonly #socket: Socket;
  readonly #maxUnreadBytes: number;
  readonly #onSlowReader: () => void;
  /** What a client missed is sent at once, and does not make it a slow reader. */
  #repeatedBytes = 0;
  #open = true;
  #closing = false;
  #closeTimer: NodeJS.Timeout | undefined;

  /** @param onSlowReader Called once, when more than `maxUnreadBytes` wait; the socket ends with it. */
  constructor(socket: Socket, maxUnreadBytes: number, onSlowReader: () => void) {
    this.#socket = socket;
    this.#maxUnreadBytes = maxUnreadBytes;
    this.#onSlowReader = onSlowReader;
  }

  /** Whether anything can still be sent. */
  get open(): boolean {
    return this.#open;
  }

  /** Whether we began to close, so that the other end is told why. */
  get closing(): boolean {
    return this.#closing;
  }

  send(text: string): void {
    if (!this.#open) return;
    this.#socket.send(text);
    if (this.#socket.unreadBytes <= this.#maxUnreadBytes + this.#repeatedBytes) return;
    // A close frame would wait behind everything that is not being read.
    this.#open = false;
    this.#onSlowReader();
    this.#socket.terminate();
  }

  /** Sends what a client missed; however much that is, it is bounded already. */
  repeat(texts: readonly string[]): void {
    if (!this.#open) return;
    for (const text of texts) this.#socket.send(text);
    this.#repeatedBytes = this.#socket.unreadBytes;
  }

  /** Closes behind what was sent. */
  close(code: number, reason: string): void {
    if (!this.#open) return;
    this.#open = false;
    this.#closing = true;
    this.#closeTimer = setTimeout(() => this.#socket.terminate(), closeTimeoutMs);
    // Some servers tell of the end at once.
    this.#socket.close(code, reason);
  }

  /** The socket is closed. */
  closed(): void {
    this.#open = false;
    clearTimeout(this.#closeTimer);
  }
}
