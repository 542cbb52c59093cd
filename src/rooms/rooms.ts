import { GatewayError } from '../errors/index.js';
import { closeCodes, roomNameSchema } from '../protocol/index.js';
import type { Audience, NumberedEvent } from '../session/index.js';
import { Room } from './room.js';
import { RoomCaptions } from './room-captions.js';
import { noExchange, type RoomExchange } from './room-exchange.js';
import { Viewer, type ViewerSink } from './viewer.js';

export interface RoomLimits {
  readonly maxRooms: number;
  readonly maxRoomViewers: number;
  /** Bytes that may wait for one viewer before events are left out for it. */
  readonly maxViewerUnreadBytes: number;
  /** Bytes that the subtitles of one room may take. */
  readonly maxRoomCaptionBytes: number;
  readonly pingIntervalMs: number;
}

/** Viewers take a connection for lost on which they hear nothing for twice as long. */
const longestSilenceMs = 20_000;

/** Somebody who watches, for as long as the connection is open. */
export interface Watching {
  /** The connection is closed. Idempotent. */
  leave(): void;
}

/**
 * The rooms of this gateway. A room is there while somebody speaks in it or watches it, and knows what is said in the
 * rooms of its name at gateways that rooms are exchanged with.
 */
export class Rooms {
  readonly #limits: RoomLimits;
  readonly #onLagging: () => void;
  readonly #exchange: RoomExchange;
  readonly #rooms = new Map<string, Room>();
  /** Subtitles of rooms that are elsewhere only, while they are asked for. */
  readonly #asked = new Map<string, Promise<string>>();
  readonly #beat: NodeJS.Timeout;
  #closed = false;

  /** @param onLagging Called when a viewer is too slow for every event. */
  constructor(limits: RoomLimits, onLagging: () => void, exchange: RoomExchange = noExchange) {
    this.#limits = limits;
    this.#onLagging = onLagging;
    this.#exchange = exchange;
    this.#beat = setInterval(
      () => {
        for (const viewer of this.#viewers()) viewer.beat();
      },
      Math.min(limits.pingIntervalMs, longestSilenceMs),
    );
    this.#beat.unref();
  }

  get size(): number {
    return this.#rooms.size;
  }

  get viewers(): number {
    return this.#viewers().length;
  }

  /**
   * A session speaks in a room from now on.
   * @throws GatewayError `too_many_rooms`.
   */
  speak(
    name: string,
    sessionId: string,
    speaker: string | null,
    startedAt: number | null = null,
  ): Audience {
    const room = this.#room(name);
    room.enter(sessionId, speaker, startedAt);
    return {
      publish: (event: NumberedEvent) => room.publish(event),
      leave: () => {
        room.leave(sessionId);
        this.#removeEmpty(name);
      },
    };
  }

  /**
   * Somebody watches a room; the lines on the screen now are sent at once, or as soon as other gateways have told theirs.
   * @throws GatewayError `bad_field`, `too_many_rooms`, `too_many_viewers`, `server_draining`.
   */
  watch(name: string, sink: ViewerSink): Watching {
    if (this.#closed) throw new GatewayError('server_draining');
    const { maxRoomViewers, maxViewerUnreadBytes } = this.#limits;
    if ((this.#rooms.get(name)?.viewers.size ?? 0) >= maxRoomViewers) {
      throw new GatewayError('too_many_viewers', { retryAfterMs: 5_000 });
    }
    const room = this.#room(name);
    const snapshot = () => room.snapshot();
    const viewer = new Viewer(sink, maxViewerUnreadBytes, snapshot, this.#onLagging);
    room.admit(viewer);
    return {
      leave: () => {
        room.dismiss(viewer);
        this.#removeEmpty(name);
      },
    };
  }

  /**
   * What was said in a room so far, as WebVTT.
   * @throws GatewayError `not_found`.
   */
  async captions(name: string): Promise<string> {
    const room = this.#rooms.get(name);
    if (!room) {
      const asked = this.#asked.get(name) ?? this.#ask(name);
      this.#asked.set(name, asked);
      return await asked;
    }
    await room.settled();
    return room.toVtt();
  }

  /** Sends every viewer away. Idempotent. */
  close(): void {
    this.#closed = true;
    clearInterval(this.#beat);
    for (const viewer of this.#viewers()) viewer.close(closeCodes.draining, 'server_draining');
  }

  /** @returns The subtitles of a room that only other gateways have. */
  async #ask(name: string): Promise<string> {
    const captions = new RoomCaptions(this.#limits.maxRoomCaptionBytes);
    let found = false;
    try {
      await this.#exchange.ask(name, {}, (_from, { begin, said }) => {
        found = true;
        captions.learn(begin, said);
      });
    } finally {
      this.#asked.delete(name);
    }
    if (!found) throw new GatewayError('not_found', { message: 'There is no room of this name.' });
    return captions.toVtt();
  }

  #room(name: string): Room {
    const known = this.#rooms.get(name);
    if (known) return known;
    if (!roomNameSchema.safeParse(name).success) {
      throw new GatewayError('bad_field', { message: 'This is no name of a room.', param: 'room' });
    }
    if (this.#rooms.size >= this.#limits.maxRooms) {
      throw new GatewayError('too_many_rooms', { retryAfterMs: 5_000 });
    }
    const room = new Room(name, this.#limits.maxRoomCaptionBytes, this.#exchange);
    this.#rooms.set(name, room);
    return room;
  }

  #removeEmpty(name: string): void {
    const room = this.#rooms.get(name);
    if (!room?.empty) return;
    this.#rooms.delete(name);
    room.close();
  }

  #viewers(): Viewer[] {
    return [...this.#rooms.values()].flatMap(({ viewers }) => [...viewers]);
  }
}
