import { backoffMs, defaultReconnect, pauseUntilOnline } from './backoff.js';
import type { ClientError } from './client-error.js';
import { Emitter } from './emitter.js';
import type { Endpoint, WebSocketLike } from './endpoint.js';
import type { RoomEvent, RoomSnapshot } from './protocol.js';
import { openSocket } from './web-socket.js';

export interface RoomEvents {
  /** What the room looks like; after every connection, and after events that were missed. */
  snapshot: RoomSnapshot;
  event: RoomEvent;
  /** Null while connected; why not, else. It is tried again until `close()`. */
  connection: ClientError | null;
}

/** Watches the captions of every session that named a room. Connects by itself, again and again. */
export class RoomViewer extends Emitter<RoomEvents> {
  readonly #endpoint: Endpoint;
  readonly #path: string;
  readonly #closed = new AbortController();
  #socket: WebSocketLike | undefined;

  constructor(endpoint: Endpoint, room: string) {
    super();
    this.#endpoint = endpoint;
    this.#path = `/v1/rooms/${encodeURIComponent(room)}/captions`;
    void this.#run();
  }

  /** Idempotent. */
  close(): void {
    this.#closed.abort();
    this.#socket?.close(1000);
  }

  async #run(): Promise<void> {
    for (let attempt = 1; !this.#closed.signal.aborted; attempt++) {
      try {
        if (await this.#watch()) attempt = 0;
      } catch (error) {
        this.emit('connection', error as ClientError);
      }
      const ms = backoffMs(defaultReconnect, Math.max(1, attempt));
      await pauseUntilOnline(ms, this.#closed.signal);
    }
  }

  /** One connection. @returns Whether anything came of it. */
  async #watch(): Promise<boolean> {
    let heard = false;
    let end = () => {};
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    const message = (text: string) => {
      heard = true;
      const event = JSON.parse(text) as RoomSnapshot | RoomEvent;
      if (event.type === 'snapshot') this.emit('snapshot', event);
      else this.emit('event', event);
    };
    this.#socket = await openSocket(this.#endpoint, this.#path, { message, closed: end });
    if (this.#closed.signal.aborted) this.#socket.close(1000);
    else this.emit('connection', null);
    await ended;
    return heard;
  }
}
