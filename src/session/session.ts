import { randomBytes } from 'node:crypto';
import { type Caller, mayEnter } from '../access/index.js';
import { GatewayError } from '../errors/index.js';
import type { Resume, StartTranscription } from '../protocol/index.js';
import type { AudioProcessor, Continuation, NumberedEvent, SessionEnd } from './audio-processor.js';
import { EventKeeper } from './kept/event-keeper.js';
import type { KeptOwner, SessionJournal } from './kept/session-store.js';
import { sameToken, tokenDigest } from './kept/token-digest.js';
import {
  ReplayBuffer,
  type ReplayLimits,
  type WrittenEvent,
  writtenEvent,
} from './replay-buffer.js';
import type { SessionFigures } from './session-stats.js';

/** The connection that a session speaks to. */
export interface SessionClient {
  /** Who is at the other end. */
  readonly caller: Caller;
  /** Sends an event of the session, as JSON. */
  send(text: string): void;
  /** Sends what it missed, in order. */
  repeat(texts: readonly string[]): void;
  /** The session is over, and its last event was sent. */
  ended(end: SessionEnd): void;
  /** Another connection goes on with the session. */
  takenOver(): void;
  /** Another gateway will, once the client asks it to. */
  handedOver(): void;
}

/** A session that another gateway had, and what its client comes back with. */
export interface TakenOver extends Continuation {
  readonly token: string;
  readonly replay: ReplayBuffer;
  readonly journal: SessionJournal;
}

/** Who hears of a session beside its client. */
export interface Audience {
  publish(event: NumberedEvent): void;
  /** The session is over. */
  leave(): void;
}

export interface SessionOptions extends ReplayLimits {
  /** How long a resumable session waits for a client that was cut off; 0 lets none wait. */
  readonly resumeWindowMs: number;
}

export interface SessionParts {
  readonly id: string;
  readonly createProcessor: (send: (event: NumberedEvent) => void) => AudioProcessor;
  /**
   * @param startedAt Epoch milliseconds of the first sample, where it has begun elsewhere.
   * @throws GatewayError where the room that was asked for has no place.
   */
  readonly openAudience: (request: StartTranscription, startedAt?: number) => Audience | null;
  /** Begins to write it down for other gateways; null where there are none. */
  readonly openJournal: () => SessionJournal | null;
  /** The client was cut off, and the session waits for it. */
  readonly onDetached: () => void;
  readonly onExpired: () => void;
}

/** Events of a gateway that died which viewers are sent once more; more never were on their way at once. */
const repeatedToViewers = 20;

/**
 * A session and its client, which may be cut off and come back on another connection. A resumable
 * session keeps its newest events for that; what ended while nobody listened is kept as long.
 */
export class Session {
  readonly id: string;
  /** Whose session it is, whichever connection it has. */
  readonly caller: Caller;
  readonly processor: AudioProcessor;
  /** Resolves when nothing is left of it, neither a client nor anything kept for one. Never rejects. */
  readonly over: Promise<void>;
  readonly #parts: SessionParts;
  readonly #options: SessionOptions;
  #resolveOver = () => {};
  #client: SessionClient | undefined;
  #resume: { readonly token: string; readonly replay: ReplayBuffer } | undefined;
  #journal: SessionJournal | null = null;
  #keeper: EventKeeper | undefined;
  /** Another gateway had it, so that its client has the token already. */
  #takenOver = false;
  /** Another gateway has it, or will. */
  #moved = false;
  #leftOnPurpose = false;
  #audience: Audience | null = null;
  #end: SessionEnd | undefined;
  /** Runs while an ended session waits to be told to its client. */
  #expiry: NodeJS.Timeout | undefined;
  #draining = false;

  constructor(client: SessionClient, parts: SessionParts, options: SessionOptions) {
    this.id = parts.id;
    this.caller = client.caller;
    this.#client = client;
    this.#parts = parts;
    this.#options = options;
    this.over = new Promise((resolve) => {
      this.#resolveOver = resolve;
    });
    this.processor = parts.createProcessor((event) => this.#onEvent(event));
    void this.processor.stopped.then((end) => this.#onEnd(end));
  }

  /** Whether a client that is cut off now may come back. */
  get resumable(): boolean {
    const known = this.processor.started || this.#takenOver;
    return this.#resume !== undefined && known && !this.#draining;
  }

  /** What can be told of it while it lives. */
  get figures(): SessionFigures {
    const { figures } = this.processor;
    return this.detached && this.resumable ? { ...figures, state: 'detached' } : figures;
  }

  /** Whether it has no client at present. */
  get detached(): boolean {
    return this.#client === undefined;
  }

  /** @throws GatewayError as `AudioProcessor.start` and `SessionParts.openAudience` do. */
  start(request: StartTranscription): void {
    if (this.processor.phase === 'idle') this.#prepare(request);
    const journal = this.#journal;
    const keepAudio = journal ? journal.appendAudio.bind(journal) : undefined;
    try {
      this.processor.start(request, { resumeToken: this.#resume?.token, keepAudio });
    } catch (error) {
      if (this.processor.phase === 'idle') this.#audience?.leave();
      throw error;
    }
  }

  /**
   * Goes on with the session of another gateway.
   * @throws GatewayError as `AudioProcessor.start` and `SessionParts.openAudience` do.
   */
  takeOver({ token, replay, journal, ...from }: TakenOver, missed: readonly string[]): void {
    const { request, startedAt } = from.checkpoint;
    this.#audience = this.#parts.openAudience(request, startedAt);
    // What was kept last may not have reached viewers any more.
    for (const text of replay.newest(repeatedToViewers)) {
      this.#audience?.publish(JSON.parse(text) as NumberedEvent);
    }
    this.#resume = { token, replay };
    this.#takenOver = true;
    this.#keep(journal, token);
    this.#client?.repeat(missed);
    const keepAudio = journal.appendAudio.bind(journal);
    this.processor.start(request, { resumeToken: token, keepAudio, from });
  }

  /** Another gateway has it: what is here of it ends without a word. Idempotent. */
  moved(): void {
    if (this.#moved) return;
    this.#moved = true;
    this.#keeper?.stop();
    // Some servers tell of a socket's end at once, which is not to be the session's.
    void this.processor.move();
    this.#client?.takenOver();
  }

  /** Whether a caller with this secret may go on with it. */
  belongsTo(caller: Caller, token: string): boolean {
    if (this.caller.id !== caller.id || !mayEnter(caller, this.processor.room)) return false;
    return this.#resume !== undefined && sameToken(token, tokenDigest(this.#resume.token));
  }

  /** Whether all that a client missed behind this event is here. */
  canRepeat(lastSeq: number): boolean {
    return this.#resume !== undefined && this.#resume.replay.after(lastSeq) !== null;
  }

  /**
   * Goes on with this client: it is sent what it missed, and the connection before it is given up.
   * @throws GatewayError `resume_unknown` where not everything it missed was kept.
   */
  resume(client: SessionClient, { last_seq, start_ms }: Resume): void {
    const missed = this.#resume?.replay.after(last_seq);
    if (!missed) throw new GatewayError('resume_unknown');
    const before = this.#client;
    this.#client = client;
    clearTimeout(this.#expiry);
    this.#expiry = undefined;
    before?.takenOver();
    client.repeat(missed);
    if (this.#end) client.ended(this.#end);
    else this.processor.resume(start_ms);
  }

  /**
   * A connection is closed. The session ends with it, unless the client was cut off and may come back.
   * @param onPurpose Whether the client closed it, or knows how the session ended.
   */
  leave(client: SessionClient, onPurpose: boolean): void {
    if (client !== this.#client) return;
    this.#client = undefined;
    this.#leftOnPurpose = onPurpose;
    if (onPurpose || !this.resumable) void this.processor.cleanup('connection_closed');
    else this.#detach();
    this.#settle();
  }

  /** Gives up waiting for the client. */
  expire(): void {
    if (!this.detached) return;
    clearTimeout(this.#expiry);
    this.#expiry = undefined;
    if (this.#end) this.#parts.onExpired();
    else void this.processor.cleanup('resume_expired');
    this.#settle();
  }

  /**
   * Leaves it to another gateway where one can take it; else finishes what was heard, or drops it after
   * `timeoutMs`. Never rejects.
   */
  async drain(timeoutMs: number): Promise<void> {
    if (await this.#handOver()) return this.over;
    this.#draining = true;
    if (this.#end) this.expire();
    const late = setTimeout(
      () => this.processor.fail(new GatewayError('server_draining')),
      timeoutMs,
    );
    this.processor.stop('server_draining');
    await this.over;
    clearTimeout(late);
  }

  #prepare(request: StartTranscription): void {
    this.#audience = this.#parts.openAudience(request);
    if (!request.resumable || this.#options.resumeWindowMs === 0) return;
    const token = randomBytes(24).toString('base64url');
    this.#resume = { token, replay: new ReplayBuffer(this.#options) };
    const journal = this.#parts.openJournal();
    if (journal) this.#keep(journal, token);
  }

  #keep(journal: SessionJournal, token: string): void {
    this.#journal = journal;
    const owner: KeptOwner = { callerId: this.caller.id, tokenDigest: tokenDigest(token) };
    this.#keeper = new EventKeeper({
      journal,
      owner,
      checkpoint: () => this.processor.checkpoint,
      deliver: (said) => this.#deliver(said),
      onMoved: () => this.moved(),
    });
  }

  #onEvent(event: NumberedEvent): void {
    const said = writtenEvent(event);
    if (this.#keeper) this.#keeper.add(said);
    else this.#deliver(said);
  }

  #deliver({ event, text, repeated }: WrittenEvent): void {
    this.#resume?.replay.add(event.seq, repeated);
    this.#client?.send(text);
    this.#audience?.publish(event);
  }

  /**
   * Another gateway goes on from here, as soon as the client asks it to.
   * @returns False where none could.
   */
  async #handOver(): Promise<boolean> {
    if (!this.#keeper || !this.resumable || this.#end || this.processor.ending) return false;
    if (!(await this.#keeper.handOver())) return false;
    const client = this.#client;
    this.#draining = true;
    this.#moved = true;
    await this.processor.move();
    await this.#journal?.audioKept();
    client?.handedOver();
    return true;
  }

  async #onEnd(end: SessionEnd): Promise<void> {
    const { reason, error, ledger } = end;
    if (this.#keeper && !this.#moved) {
      const failure = error && { code: error.code, message: error.message };
      await this.#keeper.ended({ reason, error: failure, ledger });
    }
    this.#end = end;
    this.#audience?.leave();
    if (reason === 'resume_expired') this.#parts.onExpired();
    else if (this.#moved) this.#client = undefined;
    else if (this.#client) this.#client.ended(end);
    else if (this.#mayBeTold(end)) this.#detach();
    this.#settle();
  }

  /** Whether a client may come back to hear of this end. */
  #mayBeTold({ reason }: SessionEnd): boolean {
    return this.resumable && !this.#leftOnPurpose && reason !== 'connection_closed';
  }

  #detach(): void {
    if (this.#end) {
      this.#expiry = setTimeout(() => this.expire(), this.#options.resumeWindowMs);
    } else {
      this.processor.detach();
    }
    this.#parts.onDetached();
  }

  #settle(): void {
    if (!this.#end || !this.detached || this.#expiry !== undefined) return;
    if (!this.#moved) void this.#journal?.remove();
    this.#resolveOver();
  }
}
