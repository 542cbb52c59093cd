import type { ServerEvent } from './server-events.js';

type EventOf<T extends ServerEvent['type']> = Extract<ServerEvent, { type: T }>;

/** One session of a room, as somebody who comes late finds it. */
export type RoomSession = {
  readonly session_id: string;
  readonly speaker: string | null;
  /** Epoch ms of the session's first sample: `started_at` + `start_ms` puts a room's sessions on one clock. */
  readonly started_at: number;
  readonly ended: boolean;
  /** The last few, oldest first. */
  readonly finals: readonly Pick<
    EventOf<'final'>,
    'utterance_id' | 'start_ms' | 'end_ms' | 'text' | 'language'
  >[];
  readonly partial: Pick<
    EventOf<'partial'>,
    'utterance_id' | 'start_ms' | 'end_ms' | 'committed' | 'tentative'
  > | null;
};

/** What stands on the screen now: the first event of a viewer, and the one after events it missed. */
export type RoomSnapshot = {
  readonly type: 'snapshot';
  readonly sessions: readonly RoomSession[];
};

/** An event of one of the room's sessions. */
export type RoomEvent = EventOf<
  | 'transcription_started'
  | 'speech_started'
  | 'speech_ended'
  | 'partial'
  | 'final'
  | 'transcription_stopped'
  | 'transcription_failed'
> & { readonly speaker: string | null; readonly started_at: number };
