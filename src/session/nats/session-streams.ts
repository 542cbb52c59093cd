import { randomUUID } from 'node:crypto';
import {
  DeliverPolicy,
  type JetStreamClient,
  type JetStreamManager,
  jetstream,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
  type StoredMsg,
} from '@nats-io/jetstream';
import { type NatsConnection, nanos } from '@nats-io/transport-node';
import { GatewayError } from '../../errors/index.js';

export interface SessionStreamsOptions {
  readonly prefix: string;
  readonly replicas: number;
  /** How long entries are kept, so that a client may come back. */
  readonly entriesMs: number;
  /** How long audio is: longer than any may wait for its final. */
  readonly audioMs: number;
  /** Told when sessions cannot be kept any more, and when they can again. */
  readonly onAvailable: (available: boolean, error?: Error) => void;
}

/** Beyond this captions would come late for the sake of being kept; the server needs a few milliseconds. */
const publishTimeoutMs = 1_000;
const readTimeoutMs = 3_000;
/** How often a server that did not answer is asked whether it does again. */
const probeMs = 1_000;
/** For how long NATS tells messages that come twice by their ids, which ours do not have: its own default. */
const duplicatesMs = 120_000;
/** What is left of a message for its headers. */
const headerBytes = 4_096;

/** The two streams in which sessions are kept: what was said of them, and what was heard. */
export class SessionStreams {
  /** Bytes that one entry may have. */
  readonly maxBytes: number;
  readonly #options: SessionStreamsOptions;
  readonly #connection: NatsConnection;
  readonly #client: JetStreamClient;
  readonly #manager: JetStreamManager;
  /** Which gateway this is. */
  readonly #name = randomUUID();
  #available = true;
  #probing: NodeJS.Timeout | undefined;
  #closed = false;

  /** @throws GatewayError `nats_unavailable` where there is no JetStream. */
  static async open(
    connection: NatsConnection,
    options: SessionStreamsOptions,
  ): Promise<SessionStreams> {
    try {
      const manager = await jetstreamManager(connection, { timeout: readTimeoutMs });
      const streams = new SessionStreams(connection, manager, options);
      await streams.#ensure();
      return streams;
    } catch (cause) {
      throw new GatewayError('nats_unavailable', {
        message: `JetStream cannot be used: ${(cause as Error).message}`,
        cause,
      });
    }
  }

  private constructor(
    connection: NatsConnection,
    manager: JetStreamManager,
    options: SessionStreamsOptions,
  ) {
    this.#options = options;
    this.#connection = connection;
    this.#manager = manager;
    this.#client = jetstream(connection, { timeout: publishTimeoutMs });
    this.maxBytes = (connection.info?.max_payload ?? 1_048_576) - headerBytes;
  }

  get available(): boolean {
    return this.#available && !this.#closed;
  }

  /** Nothing could be written: nobody waits for that again until it can be. */
  failed(error: Error): void {
    if (!this.available) return;
    this.#available = false;
    this.#options.onAvailable(false, error);
    this.#probe();
  }

  /** @returns The number of the message. @throws JetStreamApiError where `last` is not the newest. */
  async append(sessionId: string, data: Uint8Array, last: number): Promise<number> {
    const expect = { lastSubjectSequence: last };
    const options = { expect, timeout: publishTimeoutMs };
    const { seq } = await this.#client.publish(this.#subject('events', sessionId), data, options);
    return seq;
  }

  async appendAudio(sessionId: string, data: Uint8Array): Promise<void> {
    const options = { timeout: readTimeoutMs };
    await this.#client.publish(this.#subject('audio', sessionId), data, options);
  }

  /** The newest entry; null without any. */
  async newest(sessionId: string): Promise<StoredMsg | null> {
    const query = { last_by_subj: this.#subject('events', sessionId) };
    return await this.#manager.streams.getMessage(this.#entries, query);
  }

  /** Entries of the last while, the oldest first. */
  entries(sessionId: string, sinceMs: number): Promise<Uint8Array[]> {
    return this.#read(this.#entries, this.#subject('events', sessionId), sinceMs);
  }

  /** What was heard lately, in order. */
  audio(sessionId: string, sinceMs: number): Promise<Uint8Array[]> {
    return this.#read(this.#audio, this.#subject('audio', sessionId), sinceMs);
  }

  /**
   * Tells whoever had a session that it has it no more. Who misses that finds out with the next entry, but
   * may have nothing more to say.
   */
  tellTaken(sessionId: string): void {
    this.#connection.publish(this.#taken, JSON.stringify({ sessionId, by: this.#name }));
  }

  onTaken(listener: (sessionId: string) => void): void {
    this.#connection.subscribe(this.#taken, {
      callback: (error, message) => {
        if (error) return;
        const { sessionId, by } = message.json<{ sessionId: string; by: string }>();
        if (by !== this.#name) listener(sessionId);
      },
    });
  }

  /** Never rejects: what is left goes with its age. */
  async remove(sessionId: string): Promise<void> {
    const purge = (stream: string, kind: 'events' | 'audio') =>
      this.#manager.streams.purge(stream, { filter: this.#subject(kind, sessionId) });
    await Promise.allSettled([purge(this.#entries, 'events'), purge(this.#audio, 'audio')]);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#probing);
  }

  get #taken(): string {
    return `${this.#options.prefix}.session_taken`;
  }

  get #entries(): string {
    return `${this.#options.prefix}_sessions`;
  }

  get #audio(): string {
    return `${this.#options.prefix}_session_audio`;
  }

  /** Session ids of clients may be anything; ours are letters, digits and dashes. */
  #subject(kind: 'events' | 'audio', sessionId: string): string {
    return `${this.#options.prefix}.sessions.${kind}.${sessionId}`;
  }

  /** Both streams are there, and as these options want them. @throws What NATS says. */
  async #ensure(): Promise<void> {
    const { entriesMs, audioMs } = this.#options;
    await this.#ensureOne(this.#entries, 'events', entriesMs);
    await this.#ensureOne(this.#audio, 'audio', audioMs);
  }

  async #ensureOne(name: string, kind: 'events' | 'audio', ageMs: number): Promise<void> {
    const config = {
      subjects: [this.#subject(kind, '*')],
      retention: RetentionPolicy.Limits,
      storage: StorageType.File,
      max_age: nanos(ageMs),
      // What an update leaves out stays as it was, and may be no longer than a message is kept.
      duplicate_window: nanos(Math.min(ageMs, duplicatesMs)),
      num_replicas: this.#options.replicas,
    };
    const there = await this.#manager.streams.info(name).catch(() => null);
    if (there) await this.#manager.streams.update(name, config);
    else await this.#manager.streams.add({ name, ...config });
  }

  async #read(stream: string, subject: string, sinceMs: number): Promise<Uint8Array[]> {
    const consumer = await this.#client.consumers.get(stream, {
      filter_subjects: subject,
      deliver_policy: DeliverPolicy.StartTime,
      opt_start_time: new Date(sinceMs).toISOString(),
    });
    const { num_pending } = await consumer.info();
    const read: Uint8Array[] = [];
    while (read.length < num_pending) {
      const most = num_pending - read.length;
      const before = read.length;
      const options = { max_messages: most, expires: readTimeoutMs };
      for await (const message of await consumer.fetch(options)) {
        read.push(message.data);
        if (read.length >= num_pending) break;
      }
      if (read.length === before) break;
    }
    void consumer.delete().catch(() => {});
    return read;
  }

  /** A server that has lost the streams is given new ones. */
  #probe(): void {
    this.#probing = setTimeout(() => {
      this.#ensure().then(
        () => {
          if (this.#closed) return;
          this.#available = true;
          this.#options.onAvailable(true);
        },
        () => {
          if (!this.#closed) this.#probe();
        },
      );
    }, probeMs).unref();
  }
}
