import type { RoomSession, ServerEvent } from '../protocol/index.js';
import type { NumberedEvent } from '../session/index.js';

export type Final = Extract<ServerEvent, { type: 'final' }>;
type Partial = Extract<ServerEvent, { type: 'partial' }>;

/** Finals of each session that somebody who comes late is shown. */
const shownFinals = 5;

/** One session of a room: who speaks, since when, and the lines that are on the screen now. */
export class SpeakerLines {
  readonly sessionId: string;
  readonly speaker: string | null;
  #startedAt: number | null = null;
  #finals: Final[] = [];
  #partial: Partial | null = null;
  #ended = false;

  constructor(sessionId: string, speaker: string | null) {
    this.sessionId = sessionId;
    this.speaker = speaker;
  }

  /** Epoch milliseconds of its first sample; null before it has started. */
  get startedAt(): number | null {
    return this.#startedAt;
  }

  get ended(): boolean {
    return this.#ended;
  }

  end(): void {
    this.#ended = true;
    this.#partial = null;
  }

  follow(event: NumberedEvent): void {
    // Numbered events are events of the wire, which is what their type says less exactly.
    const said = event as ServerEvent;
    if (said.type === 'transcription_started') this.#startedAt = said.started_at;
    if (said.type === 'partial') this.#partial = said;
    if (said.type !== 'final') return;
    this.#finals = [...this.#finals, said].slice(-shownFinals);
    if (this.#partial?.utterance_id === said.utterance_id) this.#partial = null;
  }

  /** Its part of a snapshot; null before it has started. */
  snapshot(): RoomSession | null {
    if (this.#startedAt === null) return null;
    const partial = this.#partial;
    return {
      session_id: this.sessionId,
      speaker: this.speaker,
      started_at: this.#startedAt,
      ended: this.#ended,
      finals: this.#finals.map(({ utterance_id, start_ms, end_ms, text, language }) => ({
        utterance_id,
        start_ms,
        end_ms,
        text,
        language,
      })),
      partial: partial && {
        utterance_id: partial.utterance_id,
        start_ms: partial.start_ms,
        end_ms: partial.end_ms,
        committed: partial.committed,
        tentative: partial.tentative,
      },
    };
  }
}
