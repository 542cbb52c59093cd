import type { PlacedAudio } from '../audio-intake.js';
import type { Checkpoint, KeptEnd } from './checkpoint.js';

/** Who may come back to a session. */
export interface KeptOwner {
  /** Of the caller; null where there are no keys. */
  readonly callerId: string | null;
  /** SHA-256 of the resume token, in hex. */
  readonly tokenDigest: string;
}

export interface KeptEvent {
  readonly seq: number;
  /** As it is repeated. */
  readonly text: string;
}

/** What is written down together: the newest events, and what the session is behind them. */
export interface JournalEntry {
  readonly owner: KeptOwner;
  readonly events: readonly KeptEvent[];
  readonly checkpoint: Checkpoint;
  /** Null while it lives. */
  readonly end: KeptEnd | null;
}

/**
 * What became of an entry: `unkept` where nothing can be kept now, and the session goes on without; `moved`
 * where another gateway has the session.
 */
export type Kept = 'kept' | 'unkept' | 'moved';

/** What one gateway writes of one session. Nothing here ever rejects. */
export interface SessionJournal {
  /** One at a time, in order. */
  append(entry: JournalEntry): Promise<Kept>;
  /** Keeps audio in the order it is heard, as far as it can be kept; audio that is missing is sent again. */
  appendAudio(audio: PlacedAudio): void;
  /** Resolves when the audio so far is kept, or cannot be. */
  audioKept(): Promise<void>;
  /** Nobody will ask for it any more. */
  remove(): Promise<void>;
}

/** A session as its last gateway left it. */
export interface KeptSession {
  readonly entry: Omit<JournalEntry, 'events'>;
  /** The newest events, the oldest first; those before may be gone. */
  events(): Promise<KeptEvent[]>;
  /** What is kept from a sample on, in order and without overlaps; gaps are possible. */
  audioFrom(sample: number): Promise<PlacedAudio[]>;
  /** Takes it over from the gateway that had it; null where somebody wrote to it since it was found. */
  claim(): Promise<SessionJournal | null>;
}

/** Where gateways find each other's sessions. */
export interface SessionStore {
  /** Begins the journal of a new session. */
  begin(sessionId: string): SessionJournal;
  /** Null where nothing is known of it. @throws GatewayError `nats_unavailable`. */
  find(sessionId: string): Promise<KeptSession | null>;
  /** Calls `listener` when another gateway takes a session over, whoever had it. */
  onTaken(listener: (sessionId: string) => void): void;
}
