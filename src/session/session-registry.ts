import { randomUUID } from 'node:crypto';
import { GatewayError } from '../errors/index.js';
import type { Resume, StartTranscription } from '../protocol/index.js';
import type { AudioProcessor, NumberedEvent } from './audio-processor.js';
import { type Audience, Session, type SessionClient, type SessionOptions } from './session.js';

export interface RegistryOptions extends SessionOptions {
  /** Sessions at the same time, those that wait for their client included. */
  readonly maxConnections: number;
  /** Sessions that may wait for their client; beyond it the one that waits longest ends. */
  readonly maxDetachedSessions: number;
}

export interface RegistryParts {
  readonly createProcessor: (id: string, send: (event: NumberedEvent) => void) => AudioProcessor;
  /** @throws GatewayError `too_many_rooms`. */
  readonly openAudience: (id: string, request: StartTranscription) => Audience | null;
  readonly onResumed: (outcome: 'resumed' | 'unknown') => void;
  readonly onExpired: () => void;
}

/** A connection, as the registry knows it. */
export interface RegistryClient extends SessionClient {
  /** There is no place for it. */
  dismiss(error: GatewayError): void;
}

/** The sessions of this gateway, counted against their limits. */
export class SessionRegistry {
  readonly #parts: RegistryParts;
  readonly #options: RegistryOptions;
  readonly #sessions = new Map<string, Session>();
  /** Those without a client, in the order in which they lost it. */
  readonly #detached = new Set<Session>();
  /** Connections without a place, which may take over one that a session of theirs has. */
  readonly #guests = new Set<RegistryClient>();
  #draining = false;

  constructor(parts: RegistryParts, options: RegistryOptions) {
    this.#parts = parts;
    this.#options = options;
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** Sessions that wait for their client. */
  get detached(): number {
    return this.#detached.size;
  }

  get draining(): boolean {
    return this.#draining;
  }

  /**
   * A place with a session, which is not started yet; or null for a guest, whose only choice is to resume
   * a session that has a place already. A guest is to `leave` as well.
   * @throws GatewayError `too_many_connections` or `server_draining`.
   */
  open(client: RegistryClient): Session | null {
    const refusal = this.refusal;
    if (!refusal) return this.#create(client);
    const resumable = [...this.#sessions.values()].filter((session) => session.resumable);
    if (this.#guests.size >= resumable.length) throw refusal;
    this.#guests.add(client);
    return null;
  }

  /** Why no further session may begin; null where one may. */
  get refusal(): GatewayError | null {
    if (this.#draining) return new GatewayError('server_draining', { retryAfterMs: 1_000 });
    if (this.size < this.#options.maxConnections) return null;
    return new GatewayError('too_many_connections', {
      message: `This gateway already serves ${this.#options.maxConnections} connections.`,
      retryAfterMs: 5_000,
    });
  }

  /**
   * Goes on with a session that was cut off from its client, or is about to be.
   * @throws GatewayError `resume_unknown`, also where the token is wrong.
   */
  resume(client: RegistryClient, resume: Resume): Session {
    const session = this.#sessions.get(resume.session_id);
    try {
      if (!session?.knows(resume.resume_token)) throw new GatewayError('resume_unknown');
      session.resume(client, resume);
    } catch (error) {
      this.#parts.onResumed('unknown');
      throw error;
    }
    this.#detached.delete(session);
    this.#guests.delete(client);
    this.#parts.onResumed('resumed');
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
    await Promise.all([...this.#sessions.values()].map((session) => session.drain(timeoutMs)));
  }

  #create(client: RegistryClient): Session {
    const id = randomUUID();
    const session: Session = new Session(
      client,
      {
        id,
        createProcessor: (send) => this.#parts.createProcessor(id, send),
        openAudience: (request) => this.#parts.openAudience(id, request),
        onDetached: () => this.#onDetached(session),
        onExpired: this.#parts.onExpired,
      },
      this.#options,
    );
    this.#sessions.set(id, session);
    this.#guests.delete(client);
    void session.over.then(() => {
      this.#sessions.delete(id);
      this.#detached.delete(session);
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
