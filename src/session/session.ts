import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Caller } from '../access/index.js';
import { GatewayError } from '../errors/index.js';
import type { Resume, StartTranscription } from '../protocol/index.js';
import type { AudioProcessor, NumberedEvent, SessionEnd } from './audio-processor.js';
import { ReplayBuffer, type ReplayLimits } from './replay-buffer.js';
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
  /** @throws GatewayError where the room that was asked for has no place. */
  readonly openAudience: (request: StartTranscription) => Audience | null;
  /** The client was cut off, and the session waits for it. */
  readonly onDetached: () => void;
  readonly onExpired: () => void;
}

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
    return this.#resume !== undefined && this.processor.started && !this.#draining;
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
    try {
      this.processor.start(request, this.#resume?.token);
    } catch (error) {
      if (this.processor.phase === 'idle') this.#audience?.leave();
      throw error;
    }
  }

  /** Whether this is the secret that its client was given. */
  knows(token: string): boolean {
    return this.#resume !== undefined && timingSafeEqual(digest(token), digest(this.#resume.token));
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

  /** Finishes what was heard, or drops it after `timeoutMs`. Never rejects. */
  async drain(timeoutMs: number): Promise<void> {
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
  }

  #onEvent(event: NumberedEvent): void {
    const text = JSON.stringify(event);
    this.#resume?.replay.add(event.seq, text);
    this.#client?.send(text);
    this.#audience?.publish(event);
  }

  #onEnd(end: SessionEnd): void {
    this.#end = end;
    this.#audience?.leave();
    if (end.reason === 'resume_expired') this.#parts.onExpired();
    else if (this.#client) this.#client.ended(end);
    else if (this.resumable && end.reason !== 'connection_closed') this.#detach();
    this.#settle();
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
    if (this.#end && this.detached && this.#expiry === undefined) this.#resolveOver();
  }
}

/** Digests have one length, as a comparison in constant time needs. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
