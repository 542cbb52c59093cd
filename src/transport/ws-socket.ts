import type { WebSocket } from 'ws';
import type { Socket, SocketListener } from './socket.js';

/** The `ws` package behind our interface. */
export class WsSocket implements Socket {
  readonly #ws: WebSocket;

  constructor(ws: WebSocket) {
    this.#ws = ws;
  }

  get unreadBytes(): number {
    return this.#ws.bufferedAmount;
  }

  listen(listener: SocketListener): void {
    this.#ws.on('message', (data: Buffer, isBinary) => {
      if (isBinary) listener.onBinary(data);
      else listener.onText(data.toString());
    });
    this.#ws.on('error', ({ code }: NodeJS.ErrnoException) => {
      if (code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') listener.onFrameTooBig();
    });
    this.#ws.on('pong', () => listener.onPong());
    this.#ws.on('close', (code) => listener.onClose(code));
  }

  whenClosed(callback: () => void): void {
    this.#ws.on('close', callback);
  }

  send(text: string | Buffer, written?: () => void): void {
    if (this.#ws.readyState === this.#ws.OPEN) this.#ws.send(text, { binary: false }, written);
  }

  ping(): void {
    if (this.#ws.readyState === this.#ws.OPEN) this.#ws.ping();
  }

  pause(): void {
    this.#ws.pause();
  }

  resume(): void {
    this.#ws.resume();
  }

  close(code: number, reason: string): void {
    this.#ws.close(code, reason);
  }

  terminate(): void {
    this.#ws.terminate();
  }
}
