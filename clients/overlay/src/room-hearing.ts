import type { RoomEvent, RoomSession, RoomSnapshot } from '../../js/src/index.js';
import type { LineLayout } from './line-layout.js';

/** What was said longer ago is not shown to somebody who comes late; clocks may differ by as much. */
const staleMs = 60_000;

/** The session's language where it is known; the gateway says `auto` before it has heard any. */
const unknown: ReadonlySet<string> = new Set(['', 'auto']);

/** Tells a layout what is said in a room; in one language only, where one is asked for. */
export class RoomHearing {
  readonly #layout: LineLayout;
  readonly #language: string;
  /** Of each session, as far as known. */
  readonly #languages = new Map<string, string>();

  /** @param language ISO 639-1; empty for whatever is spoken. */
  constructor(layout: LineLayout, language: string) {
    this.#layout = layout;
    this.#language = language;
  }

  /** What the room looks like, after a connection or missed events: lines that are shown already stay. */
  snapshot({ sessions }: RoomSnapshot, nowMs: number, epochMs: number): void {
    const present = new Set(sessions.map(({ session_id }) => session_id));
    for (const id of [...this.#languages.keys()]) if (!present.has(id)) this.#leave(id);
    for (const session of sessions)
      this.#learn(session.session_id, session.finals.at(-1)?.language);
    const captions = sessions
      .flatMap(captionsOf)
      .sort((a, b) => a.session.started_at + a.start_ms - b.session.started_at - b.start_ms);
    for (const { session, end_ms, ...caption } of captions) {
      const { session_id, speaker } = session;
      if (epochMs - session.started_at - end_ms > staleMs) {
        this.#layout.ignore(session_id, caption.utterance);
      } else if (this.#isWanted(session_id)) {
        this.#layout.hear({ voice: session_id, speaker, ...caption }, nowMs);
      }
    }
    this.#layout.skipToLatest();
    for (const { session_id, ended } of sessions) if (ended) this.#leave(session_id);
  }

  event(event: RoomEvent, nowMs: number): void {
    const { session_id: voice, speaker } = event;
    if (voice === undefined) return;
    switch (event.type) {
      case 'transcription_started':
        this.#learn(voice, event.language);
        return;
      case 'partial':
      case 'final': {
        const isFinal = event.type === 'final';
        if (isFinal) this.#learn(voice, event.language);
        if (!this.#isWanted(voice)) return;
        const said = isFinal ? { committed: event.text, tentative: '' } : event;
        this.#layout.hear(
          {
            voice,
            speaker,
            language: this.#languages.get(voice) ?? '',
            utterance: event.utterance_id,
            committed: said.committed,
            tentative: said.tentative,
            final: isFinal,
          },
          nowMs,
        );
        return;
      }
      case 'transcription_stopped':
      case 'transcription_failed':
        this.#leave(voice);
        return;
      case 'speech_started':
      case 'speech_ended':
        return;
    }
  }

  #learn(session: string, language = ''): void {
    const known = this.#languages.get(session) ?? '';
    this.#languages.set(session, unknown.has(language) ? known : language.toLowerCase());
  }

  #isWanted(session: string): boolean {
    return this.#language === '' || this.#languages.get(session) === this.#language;
  }

  #leave(session: string): void {
    this.#languages.delete(session);
    this.#layout.leave(session);
  }
}

function captionsOf(session: RoomSession) {
  const { finals, partial } = session;
  const language = finals.at(-1)?.language ?? '';
  return [
    ...finals.map(({ utterance_id: utterance, start_ms, end_ms, text, language }) => ({
      ...{ session, utterance, start_ms, end_ms, language },
      ...{ committed: text, tentative: '', final: true },
    })),
    ...(partial ? [partial] : []).map(({ utterance_id: utterance, start_ms, end_ms, ...said }) => ({
      ...{ session, utterance, start_ms, end_ms, language },
      ...{ committed: said.committed, tentative: said.tentative, final: false },
    })),
  ];
}
