import { randomUUID } from 'node:crypto';
import type { Caller } from '../access/index.js';
import { GatewayError } from '../errors/index.js';
import type { Resume, StartTranscription } from '../protocol/index.js';
import type { AudioProcessor, NumberedEvent } from './audio-processor.js';
import type { SessionStore } from './kept/session-store.js';
import { type Taken, takeOver } from './kept/take-over.js';
import { type Audience, Session, type SessionClient, type SessionOptions } from './session.js';
import { type SessionStats, sessionStats } from './session-stats.js';

export interface RegistryOptions extends SessionOptions {
  /** Sessions at the same time, those that wait for their client included. */
  readonly maxConnections: number;
  /** Sessions that may wait for their client; beyond it the one that waits longest ends. */
  readonly maxDetachedSessions: number;
}

export interface RegistryParts {
  readonly createProcessor: (
    id: string,
    caller: Caller,
    send: (event: NumberedEvent) => void,
  ) => AudioProcessor;
  /** A place among those of its caller; returns what gives it up. @throws GatewayError `too_many_connections`. */
  readonly connect: (caller: Caller) => () => void;
  /** @throws GatewayError `too_many_rooms`. */
  readonly openAudience: (
    id: string,
    request: StartTranscription,
    startedAt?: number,
  ) => Audience | null;
  /** Whether one more session would make those there are late. */
  readonly overloaded: () => boolean;
  /** Where gateways find each other's sessions; null where there is but this one. */
  readonly store: SessionStore | null;
  readonly onResumed: (outcome: 'resumed' | 'moved' | 'unknown') => void;
  readonly onExpired: () => void;
}

/** A connection, as the registry knows it. */
export interface RegistryClient extends SessionClient {
  /** There is no place for it. */
  dismiss(error: GatewayError): void;
}

/** The sessions of this gateway, counted against their limits. */
export class SessionRegistry {
  /** Whether further sessions may begin. Those there are go on either way, and may be resumed. */
  accepting = true;
  readonly #parts: RegistryParts;
  readonly #options: RegistryOptions;
  readonly #sessions = new Map<string, Session>();
  /** Those without a client, in the order in which they lost it. */
  readonly #detached = new Set<Session>();
  /** Connections without a place, which may take over one that a session of theirs has. */
  readonly #guests = new Set<RegistryClient>();
  /** Sessions of other gateways that are being taken over. */
  readonly #arriving = new Set<Promise<Session | null>>();
  #draining = false;

  constructor(parts: RegistryParts, options: RegistryOptions) {
    this.#parts = parts;
    this.#options = options;
    parts.store?.onTaken((sessionId) => this.#sessions.get(sessionId)?.moved());
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** Sessions that wait for their client. */
  get detached(): number {
    return this.#detached.size;
  }

  get draining(): boolean {
    return this.#draining || !this.accepting;
  }

  get stats(): SessionStats {
    return sessionStats([...this.#sessions.values()].map(({ figures }) => figures));
  }

  /**
   * A place with a session, which is not started yet; or why there is none, for a guest, whose only choice is
   * to resume a session that has a place already. A guest is to be `dismissed` as well.
   * @throws GatewayError `too_many_connections`, `overloaded` or `server_draining`.
   */
  open(client: RegistryClient): Session | GatewayError {
    const { caller } = client;
    try {
      if (this.refusal) throw this.refusal;
      return this.#create(client, randomUUID(), this.#parts.connect(caller));
    } catch (thrown) {
      const refusal = GatewayError.from(thrown);
      const resumable = [...this.#sessions.values()].filter((session) => session.resumable);
      const own = resumable.filter((session) => session.caller.id === caller.id);
      const guests = [...this.#guests].filter((guest) => guest.caller.id === caller.id);
      const { maxDetachedSessions: most } = this.#options;
      // One of another gateway may be meant: that is seen when it is asked for.
      const places = this.#parts.store && !this.draining ? most : own.length;
      if (guests.length >= places) throw refusal;
      this.#guests.add(client);
      return refusal;
    }
  }

  /** Why no further session may begin; null where one may. */
  get refusal(): GatewayError | null {
    if (this.draining) return new GatewayError('server_draining', { retryAfterMs: 1_000 });
    if (this.size < this.#options.maxConnections) {
      return this.size > 0 && this.#parts.overloaded() ? overloaded() : null;
    }
    return new GatewayError('too_many_connections', {
      message: `This gateway already serves ${this.#options.maxConnections} connections.`,
      retryAfterMs: 5_000,
    });
  }

  /**
   * Goes on with a session that was cut off from its client, or is about to be, here or in another gateway.
   * @param unused The session of its own that the client has a place with, which that one takes.
   * @returns Null where all that is left of the session is its end, which was told.
   * @throws GatewayError `resume_unknown`, also where the token is wrong, or the session is of another key;
   *   where it has to be taken over what `open` does, and `nats_unavailable`.
   */
  async resume(
    client: RegistryClient,
    resume: Resume,
    unused: Session | null = null,
  ): Promise<Session | null> {
    try {
      const session =
        this.#resumeHere(client, resume) ??
        (await this.#arrive(this.#takeOver(client, resume, unused)));
      this.#guests.delete(client);
      unused?.leave(client, true);
      return session;
    } catch (error) {
      this.#parts.onResumed('unknown');
      throw error;
    }
  }

  /** Null where it is not here, or another gateway has had it since. */
  #resumeHere(client: RegistryClient, resume: Resume): Session | null {
    const session = this.#sessions.get(resume.session_id);
    if (!session?.belongsTo(client.caller, resume.resume_token)) return null;
    if (this.#parts.store && !session.canRepeat(resume.last_seq)) return null;
    session.resume(client, resume);
    this.#detached.delete(session);
    this.#parts.onResumed('resumed');
    return session;
  }

  /** Lets a drain know of a session that is being taken over. */
  #arrive(taken: Promise<Session | null>): Promise<Session | null> {
    this.#arriving.add(taken);
    return taken.finally(() => this.#arriving.delete(taken));
  }

  /** Goes on with a session of another gateway. */
  async #takeOver(
    client: RegistryClient,
    resume: Resume,
    unused: Session | null,
  ): Promise<Session | null> {
    const { store, connect } = this.#parts;
    if (!store) throw new GatewayError('resume_unknown');
    let leave = () => {};
    const takePlace = async () => {
      unused?.leave(client, true);
      await unused?.over;
      const { refusal } = this;
      // Its speaker is none more: the gateway before has one less.
      if (refusal && refusal.code !== 'overloaded') throw refusal;
      leave = connect(client.caller);
    };
    try {
      const found = await takeOver(store, client.caller, resume, this.#options, takePlace);
      if (found.end) {
        leave();
        client.repeat(found.missed);
        client.ended(found.end);
        return null;
      }
      return this.#goOn(client, resume.session_id, found, leave);
    } catch (error) {
      leave();
      throw error;
    }
  }

  #goOn(client: RegistryClient, id: string, { session: from, missed }: Taken, leave: () => void) {
    // It was here before, and somewhere else since.
    this.#sessions.get(id)?.moved();
    const session = this.#create(client, id, leave);
    try {
      session.takeOver(from, missed);
    } catch (error) {
      session.leave(client, true);
      throw error;
    }
    this.#parts.onResumed('moved');
    return session;
  }

  /** A guest's connection is closed. */
  dismissed(guest: RegistryClient): void {
    this.#guests.delete(guest);
  }

  /** Takes no more sessions and ends those there are. Idempotent. Never rejects. */
  async drain(timeoutMs: number): Promise<void> {
    this.#draining = true;
    const refusal = this.refusal as GatewayError;
    for (const guest of this.#guests) guest.dismiss(refusal);
    // Whoever has a place already may be a session only in a moment.
    await Promise.allSettled(this.#arriving);
    await Promise.all([...this.#sessions.values()].map((session) => session.drain(timeoutMs)));
  }

  #create(client: RegistryClient, id: string, leave: () => void): Session {
    const session: Session = new Session(
      client,
      {
        id,
        createProcessor: (send) => this.#parts.createProcessor(id, client.caller, send),
        openAudience: (...asked) => this.#parts.openAudience(id, ...asked),
        openJournal: () => this.#parts.store?.begin(id) ?? null,
        onDetached: () => this.#onDetached(session),
        onExpired: this.#parts.onExpired,
      },
      this.#options,
    );
    this.#sessions.set(id, session);
    this.#guests.delete(client);
    void session.over.then(() => {
      // A client may have come back to it by way of another gateway.
      if (this.#sessions.get(id) === session) this.#sessions.delete(id);
      this.#detached.delete(session);
      leave();
    });
    return session;
  }

  #onDetached(session: Session): void {
    this.#detached.add(session);
    if (this.#detached.size <= this.#options.maxDetachedSessions) return;
    const [oldest] = this.#detached as Iterable<Session>;
    this.#detached.delete(oldest as Session);
    oldest?.expire();
  }
}

/** Those who are refused together are not to come back together. */
function overloaded(): GatewayError {
  return new GatewayError('overloaded', {
    retryAfterMs: 5_000 + Math.round(Math.random() * 5_000),
  });
}
