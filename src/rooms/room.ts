import type { RoomEvent, RoomSnapshot, ServerEvent } from '../protocol/index.js';
import type { NumberedEvent } from '../session/index.js';
import { RoomCaptions } from './room-captions.js';
import type { RoomExchange, RoomMember, RoomSeat } from './room-exchange.js';
import { RoomMessage } from './room-message.js';
import type { Known, RoomState } from './room-state.js';
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

/** Sessions that are watched together, here and at other gateways, and who watches them here. */
export class Room implements RoomMember {
  readonly #name: string;
  readonly #exchange: RoomExchange;
  readonly #seat: RoomSeat;
  readonly #speakers = new Map<string, SpeakerLines>();
  readonly #viewers = new Set<Viewer>();
  readonly #captions: RoomCaptions;
  /** Runs while others are asked what they know. */
  #asking: Promise<void> | null = null;
  #askAgain = false;
  /** Whether others were asked once; viewers wait for that. */
  #whole = false;
  /** Whether others knew more than viewers were shown. */
  #outdated = false;

  /** @param maxCaptionBytes What its subtitles may take. */
  constructor(name: string, maxCaptionBytes: number, exchange: RoomExchange) {
    this.#name = name;
    this.#captions = new RoomCaptions(maxCaptionBytes);
    this.#exchange = exchange;
    this.#seat = exchange.join(name, this);
    this.refresh();
  }

  get viewers(): ReadonlySet<Viewer> {
    return this.#viewers;
  }

  /** Whether nobody speaks here and nobody watches. */
  get empty(): boolean {
    const speaks = [...this.#speakers.values()].some(({ speaksHere }) => speaksHere);
    return this.#viewers.size === 0 && !speaks;
  }

  /** Resolves when others have told what they know, or have had time to. Never rejects. */
  async settled(): Promise<void> {
    await this.#asking;
  }

  /** A session speaks here from now on, which may have spoken at another gateway. */
  enter(sessionId: string, speaker: string | null, startedAt: number | null = null): void {
    const lines =
      this.#speakers.get(sessionId) ?? new SpeakerLines(sessionId, speaker, null, startedAt);
    this.#speakers.set(sessionId, lines);
    this.#goOn(lines, null);
  }

  /** A session that speaks here says something. */
  publish(event: NumberedEvent): void {
    const lines = this.#speakers.get(event.session_id);
    // A session that goes on here says again what may not have come from where it was.
    if (!lines?.speaksHere || event.seq <= lines.seq) return;
    const isNews = lines.follow(event);
    const { speaker, startedAt } = lines;
    if (!isNews || startedAt === null) return;
    const said = event as ServerEvent;
    this.#caption(said, startedAt, speaker);
    if (!watched.has(said.type) && !isEnd(said)) return;
    // Whoever may only watch must not be able to take a session over.
    const message = new RoomMessage({
      ...said,
      resume_token: undefined,
      speaker,
      started_at: startedAt,
    });
    this.#seat.say(message, event.session_id, event.seq);
    for (const viewer of this.#viewers) viewer.take(message);
  }

  leave(sessionId: string): void {
    const lines = this.#speakers.get(sessionId);
    this.#seat.left(sessionId);
    if (!lines?.speaksHere) return;
    lines.end();
    this.#forgetEnded();
  }

  /** The room is there no more. */
  close(): void {
    this.#seat.leave();
  }

  hear(from: string, message: RoomMessage, after: number): void {
    const event = message.content as RoomEvent & NumberedEvent;
    const { session_id: id, speaker, started_at: startedAt } = event;
    const known = this.#speakers.get(id);
    if (known && (known.speaksHere || event.seq <= known.seq)) return;
    if (after > (known?.seq ?? 0)) {
      this.refresh();
      return;
    }
    const lines = known ?? new SpeakerLines(id, speaker, from, startedAt);
    this.#speakers.set(id, lines);
    this.#goOn(lines, from);
    if (!lines.follow(event)) return;
    this.#caption(event, startedAt, speaker);
    for (const viewer of this.#viewers) viewer.take(message);
    if (event.type !== 'transcription_stopped' && !isEnd(event)) return;
    lines.end();
    this.#forgetEnded();
  }

  left(from: string, sessionId: string): void {
    this.#endOf((lines) => lines.at === from && lines.sessionId === sessionId);
  }

  gone(from: string): void {
    this.#endOf((lines) => lines.at === from);
  }

  refresh(): void {
    this.#askAgain = this.#asking !== null;
    if (this.#askAgain) return;
    const answers = this.#exchange.ask(this.#name, this.#captions.known(), (from, state) =>
      this.#learn(from, state),
    );
    if (answers === null) this.#onAnswered();
    else this.#asking = answers.then(() => this.#onAnswered());
  }

  state(known: Known): RoomState {
    const sessions = [...this.#speakers.values()].map((lines) => lines.state());
    return {
      begin: this.#captions.begun,
      said: this.#captions.since(known),
      sessions: sessions.filter((session) => session !== null),
    };
  }

  admit(viewer: Viewer): void {
    this.#viewers.add(viewer);
    if (this.#whole) viewer.show(this.snapshot());
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

  #caption(said: ServerEvent, startedAt: number, speaker: string | null): void {
    this.#captions.begin(startedAt);
    if (said.type === 'final') this.#captions.add(said, startedAt, speaker);
  }

  #learn(from: string, { begin, said, sessions }: RoomState): void {
    const before = this.snapshot().json;
    this.#captions.learn(begin, said);
    for (const session of sessions) {
      const { session_id: id, speaker } = session;
      const lines = this.#speakers.get(id) ?? new SpeakerLines(id, speaker, from);
      this.#speakers.set(id, lines);
      lines.learn(session, from);
    }
    this.#forgetEnded();
    this.#outdated ||= !before.equals(this.snapshot().json);
    if (this.#outdated && !this.#asking) this.#show();
  }

  #onAnswered(): void {
    this.#asking = null;
    if (this.#outdated || !this.#whole) this.#show();
    this.#whole = true;
    if (this.#askAgain) this.refresh();
  }

  #show(): void {
    this.#outdated = false;
    const snapshot = this.snapshot();
    for (const viewer of this.#viewers) viewer.show(snapshot);
  }

  #goOn(lines: SpeakerLines, at: string | null): void {
    const cameBack = lines.ended;
    lines.goOn(at);
    if (cameBack) this.#show();
  }

  #endOf(isOver: (lines: SpeakerLines) => boolean): void {
    const over = [...this.#speakers.values()].filter((lines) => !lines.ended && isOver(lines));
    for (const lines of over) lines.end();
    if (over.length === 0) return;
    this.#forgetEnded();
    this.#show();
  }

  #forgetEnded(): void {
    const ended = [...this.#speakers.values()].filter((lines) => lines.ended);
    const oldestFirst = ended.sort((a, b) => a.lastHeardAt - b.lastHeardAt);
    for (const { sessionId } of oldestFirst.slice(0, -maxEnded)) this.#speakers.delete(sessionId);
  }
}

function isEnd(said: ServerEvent): boolean {
  return said.type === 'transcription_failed' && said.fatal;
}
