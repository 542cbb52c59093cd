import type { RoomSession, ServerEvent } from '../protocol/index.js';
import type { NumberedEvent } from '../session/index.js';
import type { SessionState } from './room-state.js';

export type Final = Extract<ServerEvent, { type: 'final' }>;

/** Finals of each session that somebody who comes late is shown. */
const shownFinals = 5;

/** One session of a room: who speaks, where and since when, and the lines that are on the screen now. */
export class SpeakerLines {
  readonly sessionId: string;
  readonly speaker: string | null;
  /** The gateway that it speaks at; null for this one. */
  at: string | null;
  #startedAt: number | null;
  /** Number of the newest event. */
  #seq = 0;
  #finals: RoomSession['finals'] = [];
  #partial: RoomSession['partial'] = null;
  #ended = false;

  constructor(
    sessionId: string,
    speaker: string | null,
    at: string | null,
    startedAt: number | null = null,
  ) {
    this.sessionId = sessionId;
    this.speaker = speaker;
    this.at = at;
    this.#startedAt = startedAt;
  }

  /** Epoch milliseconds of its first sample; null before it has started. */
  get startedAt(): number | null {
    return this.#startedAt;
  }

  get seq(): number {
    return this.#seq;
  }

  get ended(): boolean {
    return this.#ended;
  }

  get speaksHere(): boolean {
    return this.at === null && !this.#ended;
  }

  /** Epoch milliseconds of its last word. */
  get lastHeardAt(): number {
    return (this.#startedAt ?? 0) + (this.#finals.at(-1)?.end_ms ?? 0);
  }

  end(): void {
    this.#ended = true;
    this.#partial = null;
  }

  /** It speaks, and may have ended elsewhere before. */
  goOn(at: string | null): void {
    this.at = at;
    this.#ended = false;
  }

  /** @returns False where it is of an utterance that is final: a session that goes on elsewhere may repeat its last words. */
  follow(event: NumberedEvent): boolean {
    // Numbered events are events of the wire, which is what their type says less exactly.
    const said = event as ServerEvent;
    this.#seq = event.seq;
    if ((said.type === 'partial' || said.type === 'final') && this.#hasFinal(said.utterance_id)) {
      return false;
    }
    if (said.type === 'transcription_started') this.#startedAt = said.started_at;
    if (said.type === 'partial') {
      const { utterance_id, start_ms, end_ms, committed, tentative } = said;
      this.#partial = { utterance_id, start_ms, end_ms, committed, tentative };
    }
    if (said.type === 'final') {
      const { utterance_id, start_ms, end_ms, text, language } = said;
      this.#show([{ utterance_id, start_ms, end_ms, text, language }]);
      if (this.#partial?.utterance_id === utterance_id) this.#partial = null;
    }
    return true;
  }

  /** Takes over what another gateway knows of it, unless more is known here. */
  learn(state: SessionState, from: string): void {
    this.#startedAt ??= state.started_at;
    this.#show(state.finals);
    if (this.speaksHere || state.seq < this.#seq) return;
    // Only where it speaks, its end is known for sure.
    const isNews = this.#ended || (!state.ended && state.seq > this.#seq);
    if (from !== this.at && !isNews) return;
    this.#seq = state.seq;
    this.at = from;
    this.#ended = state.ended;
    this.#partial = state.partial;
  }

  /** Its part of a snapshot; null before it has started. */
  snapshot(): RoomSession | null {
    if (this.#startedAt === null) return null;
    return {
      session_id: this.sessionId,
      speaker: this.speaker,
      started_at: this.#startedAt,
      ended: this.#ended,
      finals: this.#finals,
      partial: this.#partial,
    };
  }

  /** What other gateways are told of it; null before it has started. */
  state(): SessionState | null {
    const snapshot = this.snapshot();
    if (!snapshot) return null;
    const partial = this.speaksHere ? snapshot.partial : null;
    const finals = [...snapshot.finals];
    return { ...snapshot, finals, partial, ended: !this.speaksHere, seq: this.#seq };
  }

  #hasFinal(utteranceId: string): boolean {
    return this.#finals.some(({ utterance_id }) => utterance_id === utteranceId);
  }

  #show(finals: RoomSession['finals']): void {
    const more = finals.filter(({ utterance_id }) => !this.#hasFinal(utterance_id));
    this.#finals = [...this.#finals, ...more]
      .sort((a, b) => a.start_ms - b.start_ms)
      .slice(-shownFinals);
  }
}
