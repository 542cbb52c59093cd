import type { RoomMessage } from './room-message.js';
import type { Known, RoomState } from './room-state.js';

/** What the rooms of a gateway share with those of the same name at others. */
export interface RoomExchange {
  /** Takes part in a room from now on. */
  join(room: string, member: RoomMember): RoomSeat;
  /**
   * Asks what the others know of a room.
   * @param known What need not be told.
   * @param learn Called with each part of each answer, also of those that come too late.
   * @returns Resolves when all have answered, or have had time to; null where there is nobody to ask. Never rejects.
   */
  ask(room: string, known: Known, learn: Learn): Promise<void> | null;
  /** Idempotent. */
  close(): void;
}

/** @param from The gateway that says so. */
export type Learn = (from: string, state: RoomState) => void;

/** The room of one gateway, as the exchange sees it. */
export interface RoomMember {
  /**
   * A session speaks at another gateway.
   * @param after Number of the event that was sent before this one; 0 for the first from that gateway.
   */
  hear(from: string, message: RoomMessage, after: number): void;
  /** A session does not speak there any more. */
  left(from: string, sessionId: string): void;
  /** A gateway is gone, and who spoke there. */
  gone(from: string): void;
  /** Something may have been missed. */
  refresh(): void;
  /** What is known here beyond what need not be told. */
  state(known: Known): RoomState;
}

/** A place in a room that several gateways have. */
export interface RoomSeat {
  /** Sends the others an event of a session that speaks here. */
  say(message: RoomMessage, sessionId: string, seq: number): void;
  /** A session does not speak here any more. */
  left(sessionId: string): void;
  /** Idempotent. */
  leave(): void;
}

const nothing = () => {};

/** For a gateway that shares its rooms with nobody. */
export const noExchange: RoomExchange = {
  join: () => ({ say: nothing, left: nothing, leave: nothing }),
  ask: () => null,
  close: nothing,
};
