import type { RoomEvent, RoomSnapshot, ServerEvent } from '../protocol/index.js';
import type { NumberedEvent } from '../session/index.js';
import { RoomCaptions } from './room-captions.js';
import { RoomMessage } from './room-message.js';
import { SpeakerLines } from './speaker-lines.js';
import type { Viewer } from './viewer.js';

/** Sessions that are over whose last lines are still shown. */
const maxEnded = 4;

/** What viewers are sent; the rest is between a session and its client. */
const watched: ReadonlySet<string> = new Set([
  'transcription_started',
  'speech_started',
  'speech_ended',
  'partial',
  'final',
  'transcription_stopped',
] satisfies RoomEvent['type'][]);

/** Sessions that are watched together, and who watches them. */
export class Room {
  readonly #speakers = new Map<string, SpeakerLines>();
  readonly #viewers = new Set<Viewer>();
  readonly #captions: RoomCaptions;

  /** @param maxCaptionBytes What its subtitles may take. */
  constructor(maxCaptionBytes: number) {
    this.#captions = new RoomCaptions(maxCaptionBytes);
  }

  get viewers(): ReadonlySet<Viewer> {
    return this.#viewers;
  }

  /** Whether nobody speaks and nobody watches. */
  get empty(): boolean {
    return this.#viewers.size === 0 && [...this.#speakers.values()].every(({ ended }) => ended);
  }

  enter(sessionId: string, speaker: string | null): void {
    this.#speakers.set(sessionId, new SpeakerLines(sessionId, speaker));
  }

  publish(event: NumberedEvent): void {
    const lines = this.#speakers.get(event.session_id);
    if (!lines) return;
    lines.follow(event);
    const { speaker, startedAt } = lines;
    if (startedAt === null) return;
    this.#captions.begin(startedAt);
    const said = event as ServerEvent;
    if (said.type === 'final') this.#captions.add(said, startedAt, speaker);
    const isEnd = said.type === 'transcription_failed' && said.fatal;
    if ((!watched.has(said.type) && !isEnd) || this.#viewers.size === 0) return;
    // Whoever may only watch must not be able to take a session over.
    const message = new RoomMessage({
      ...said,
      resume_token: undefined,
      speaker,
      started_at: startedAt,
    });
    for (const viewer of this.#viewers) viewer.take(message);
  }

  leave(sessionId: string): void {
    this.#speakers.get(sessionId)?.end();
    const ended = [...this.#speakers.values()].filter((lines) => lines.ended);
    for (const { sessionId } of ended.slice(0, -maxEnded)) this.#speakers.delete(sessionId);
  }

  admit(viewer: Viewer): void {
    this.#viewers.add(viewer);
  }

  dismiss(viewer: Viewer): void {
    this.#viewers.delete(viewer);
  }

  /** The lines on the screen now. */
  snapshot(): RoomMessage {
    const sessions = [...this.#speakers.values()].map((lines) => lines.snapshot());
    const snapshot: RoomSnapshot = {
      type: 'snapshot',
      sessions: sessions.filter((session) => session !== null),
    };
    return new RoomMessage(snapshot);
  }

  toVtt(): string {
    return this.#captions.toVtt();
  }
}
