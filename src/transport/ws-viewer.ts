import type { WebSocket } from 'ws';
import type { RoomMessage, Rooms, ViewerSink } from '../rooms/index.js';

const roomPath = /^\/v1\/rooms\/([^/]+)\/captions$/;

/** The room whose captions are at this path; null where it is another one. */
export function watchedRoom(pathname: string): string | null {
  const encoded = roomPath.exec(pathname)?.[1];
  if (encoded === undefined) return null;
  try {
    return decodeURIComponent(encoded);
  } catch {
    return null;
  }
}

/**
 * Lets a WebSocket watch a room. What it sends is ignored.
 * @throws GatewayError as `Rooms.watch` does.
 */
export function watchRoom(ws: WebSocket, room: string, rooms: Rooms): void {
  const watching = rooms.watch(room, new WsViewer(ws));
  ws.on('close', () => watching.leave());
}

class WsViewer implements ViewerSink {
  readonly #ws: WebSocket;

  constructor(ws: WebSocket) {
    this.#ws = ws;
  }

  get unreadBytes(): number {
    return this.#ws.bufferedAmount;
  }

  send(message: RoomMessage, written: () => void): void {
    if (this.#ws.readyState === this.#ws.OPEN) {
      this.#ws.send(message.json, { binary: false }, written);
    }
  }

  ping(): void {
    if (this.#ws.readyState === this.#ws.OPEN) this.#ws.ping();
  }

  close(code: number, reason: string): void {
    this.#ws.close(code, reason);
  }

  terminate(): void {
    this.#ws.terminate();
  }
}
