import { asClientError, type ClientError, failureOf } from './client-error.js';
import { Emitter } from './emitter.js';
import type { Endpoint } from './endpoint.js';
import { type Connected, keepConnecting } from './keep-connecting.js';
import type { EventOf, RoomEvent, RoomSnapshot } from './protocol.js';
import { maxSilenceMs } from './request.js';
import { connectionLost, openSocket } from './web-socket.js';

export interface RoomEvents {
  /** What the room looks like; after every connection, and after events that were missed. */
  snapshot: RoomSnapshot;
  event: RoomEvent;
  /**
   * Null once connected, before the first snapshot. Why not, else, also where the gateway does not let it in;
   * it is tried again until `close()`.
   */
  connection: ClientError | null;
}

/** What a viewer is sent: a failure without a session is the viewer's own, and a `pong` a sign of life. */
type Sent = RoomSnapshot | RoomEvent | EventOf<'transcription_failed' | 'pong'>;

/** Watches the captions of every session that named a room. Connects by itself, again and again. */
export class RoomViewer extends Emitter<RoomEvents> {
  readonly #endpoint: Endpoint;
  readonly #path: string;
  readonly #closed = new AbortController();
  /** Ends the connection there is. */
  #end: (error: ClientError) => void = () => {};

  constructor(endpoint: Endpoint, room: string) {
    super();
    this.#endpoint = endpoint;
    this.#path = `/v1/rooms/${encodeURIComponent(room)}/captions`;
    const lost = (error: ClientError) => this.emit('connection', error);
    void keepConnecting(this.#closed.signal, () => this.#watch(), lost);
  }

  /** Idempotent. */
  close(): void {
    this.#closed.abort();
    this.#end(connectionLost(1000));
  }

  /** One connection, which is good for something once the room was shown. */
  async #watch(): Promise<Connected> {
    let shown = false;
    let over = false;
    let silence: ReturnType<typeof setTimeout> | undefined;
    let end: (error: ClientError) => void = () => {};
    const ended = new Promise<ClientError>((resolve) => {
      end = (error) => {
        over = true;
        clearTimeout(silence);
        resolve(error);
      };
    });
    this.#end = end;
    const heard = () => {
      clearTimeout(silence);
      if (!over) silence = setTimeout(() => end(connectionLost(1006)), maxSilenceMs);
    };
    const message = (text: string) => {
      if (over) return;
      heard();
      const sent = JSON.parse(text) as Sent;
      if (sent.type === 'pong') return;
      if (sent.type === 'transcription_failed' && sent.session_id === undefined) {
        end(failureOf(sent));
      } else if (sent.type === 'snapshot') {
        if (!shown) this.emit('connection', null);
        shown = true;
        this.emit('snapshot', sent);
      } else {
        this.emit('event', sent as RoomEvent);
      }
    };
    try {
      const closed = (code: number) => end(connectionLost(code));
      const socket = await openSocket(this.#endpoint, this.#path, { message, closed });
      heard();
      const error = await ended;
      socket.close(1000);
      return { served: shown, error };
    } catch (error) {
      return { served: shown, error: asClientError(error) };
    }
  }
}
