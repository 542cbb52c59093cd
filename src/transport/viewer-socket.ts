import type { RoomMessage, ViewerSink } from '../rooms/index.js';
import { unansweredPings } from './keepalive.js';
import type { Socket, SocketListener } from './socket.js';

/** Pages cannot see pings; this they can, and know that there is still somebody at this end. */
const signOfLife = JSON.stringify({ type: 'pong' });

/** Somebody who watches a room by WebSocket. What they send is ignored, but shows that they are there. */
export class ViewerSocket implements ViewerSink, SocketListener {
  readonly #socket: Socket;
  #unanswered = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.listen(this);
  }

  get unreadBytes(): number {
    return this.#socket.unreadBytes;
  }

  send(message: RoomMessage, written: () => void): void {
    this.#socket.send(message.json, written);
  }

  ping(): void {
    if (this.#unanswered >= unansweredPings) {
      this.#socket.terminate();
      return;
    }
    this.#unanswered++;
    this.#socket.ping();
    this.#socket.send(signOfLife);
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }

  terminate(): void {
    this.#socket.terminate();
  }

  onPong(): void {
    this.#unanswered = 0;
  }

  onText(): void {
    this.#unanswered = 0;
  }

  onBinary(): void {
    this.#unanswered = 0;
  }

  onFrameTooBig(): void {}

  onFlood(): void {}

  onClose(): void {}
}
