import type { WebSocket } from 'uWebSockets.js';
import type { Socket, SocketListener } from '../socket.js';

export interface UwsSocketLimits {
  /** Bytes of the largest frame. */
  readonly maxFrameBytes: number;
  /** Bytes of frames that are kept while reading is stopped. */
  readonly maxHeldBytes: number;
}

type Frame = string | Buffer;

/**
 * A socket of uWebSockets.js behind our interface. It cannot stop reading: what comes while it should not is kept
 * here, up to a limit.
 */
export class UwsSocket<T> implements Socket {
  /** Null once it is closed: touching it then would throw. */
  #ws: WebSocket<T> | null;
  readonly #limits: UwsSocketLimits;
  #listener: SocketListener | null = null;
  readonly #whenClosed: (() => void)[] = [];
  #written: (() => void)[] = [];
  #paused = false;
  #held: Frame[] = [];
  #heldBytes = 0;
  #flooded = false;

  constructor(ws: WebSocket<T>, limits: UwsSocketLimits) {
    this.#ws = ws;
    this.#limits = limits;
  }

  get unreadBytes(): number {
    return this.#ws?.getBufferedAmount() ?? 0;
  }

  listen(listener: SocketListener): void {
    this.#listener = listener;
  }

  whenClosed(callback: () => void): void {
    if (this.#ws) this.#whenClosed.push(callback);
    else callback();
  }

  send(text: string | Buffer, written?: () => void): void {
    if (!this.#ws) return;
    // 0: some of it waits for the network; `drained` tells when it took all of it.
    const waits = this.#ws.send(text, false) === 0;
    if (!written) return;
    if (waits) this.#written.push(written);
    else queueMicrotask(written);
  }

  ping(): void {
    this.#ws?.ping();
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    while (!this.#paused) {
      const frame = this.#held.shift();
      if (frame === undefined) break;
      this.#heldBytes -= frame.length;
      this.#deliver(frame);
    }
  }

  close(code: number, reason: string): void {
    this.#ws?.end(code, reason);
  }

  terminate(): void {
    this.#ws?.close();
  }

  /** @param bytes Valid during the call only, as is usual with uWebSockets.js. */
  received(bytes: ArrayBuffer, isBinary: boolean): void {
    if (bytes.byteLength > this.#limits.maxFrameBytes) {
      this.#listener?.onFrameTooBig();
      return;
    }
    const view = Buffer.from(bytes);
    const frame = isBinary ? Buffer.from(view) : view.toString();
    if (this.#flooded) return;
    if (!this.#paused) this.#deliver(frame);
    else this.#hold(frame);
  }

  ponged(): void {
    this.#listener?.onPong();
  }

  /** The network took something of what waits. */
  drained(): void {
    if (this.unreadBytes > 0) return;
    const written = this.#written;
    this.#written = [];
    for (const callback of written) callback();
  }

  closed(code: number): void {
    this.#ws = null;
    this.#held = [];
    this.#listener?.onClose(code);
    for (const callback of this.#whenClosed) callback();
  }

  #deliver(frame: Frame): void {
    if (typeof frame === 'string') this.#listener?.onText(frame);
    else this.#listener?.onBinary(frame);
  }

  #hold(frame: Frame): void {
    this.#heldBytes += frame.length;
    if (this.#heldBytes <= this.#limits.maxHeldBytes) {
      this.#held.push(frame);
      return;
    }
    this.#flooded = true;
    this.#held = [];
    this.#listener?.onFlood();
  }
}
