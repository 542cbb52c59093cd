/**
 * The wire, as the gateway itself defines it. The only file of the client that looks into the
 * gateway's sources: the build writes these types out in full, so that the package stands alone.
 */
import type {
  ClientMessage,
  Configure,
  closeCodes,
  FinalWord,
  Ledger,
  RoomEvent,
  RoomSession,
  RoomSnapshot,
  ServerEvent,
  StartTranscription,
} from '../../../src/protocol/index.js';

export type {
  ClientMessage,
  Configure,
  FinalWord,
  Ledger,
  RoomEvent,
  RoomSession,
  RoomSnapshot,
  ServerEvent,
  StartTranscription,
};

export type CloseCode = (typeof closeCodes)[keyof typeof closeCodes];
export type EventOf<T extends ServerEvent['type']> = Extract<ServerEvent, { type: T }>;
export type Partial = EventOf<'partial'>;
export type Final = EventOf<'final'>;
/** What captions are made of: the utterance so far, or once and for all. */
export type Caption = Partial | Final;
