import { once } from 'node:events';
import { expect, onTestFinished } from 'vitest';
import { type ClientOptions, WebSocket } from 'ws';
import {
  type ServerEvent,
  type ServerEventType,
  serverEventSchema,
} from '../../src/protocol/index.js';
import { checkLedgers, keepForLedger } from './ledgers.js';

type EventOf<T extends ServerEventType> = Extract<ServerEvent, { type: T }>;

/** A client of the native protocol that keeps, and checks, everything it is sent. */
export class StreamClient {
  readonly events: ServerEvent[] = [];
  /** How the server closed; set once it did. */
  closed: { readonly code: number; readonly reason: string } | undefined;
  readonly socket: WebSocket;
  readonly #waiting = new Set<() => void>();

  private constructor(url: string, protocols?: string[], options?: ClientOptions) {
    this.socket = new WebSocket(url.replace(/^http/, 'ws'), protocols, options);
    this.socket.on('message', (data) => {
      // Every event is of the documented shape, or the test fails here.
      const event = serverEventSchema.parse(JSON.parse(String(data)));
      this.events.push(event);
      keepForLedger(event);
      this.#wake();
    });
    this.socket.on('close', (code, reason) => {
      this.closed = { code, reason: String(reason) };
      this.#wake();
    });
    this.socket.on('error', () => this.#wake());
  }

  /**
   * Connects; resolves when the socket is open. Ended when the test is over, which fails where the ledger of
   * a session does not hold.
   */
  static async connect(
    url: string,
    path = '/v1/stream',
    protocols?: string[],
    options?: ClientOptions,
  ) {
    const client = new StreamClient(url + path, protocols, options);
    onTestFinished(() => {
      client.socket.terminate();
      checkLedgers();
    });
    await once(client.socket, 'open');
    return client;
  }

  send(message: object): void {
    this.socket.send(JSON.stringify(message));
  }

  /** Starts, and waits until audio may flow. */
  async start(fields: object = {}): Promise<EventOf<'transcription_started'>> {
    this.send({ type: 'start_transcription', ...fields });
    return this.next('transcription_started');
  }

  /**
   * Sends audio in frames.
   * @param bytesPerSecond Pace; none sends as fast as the socket takes it.
   */
  async sendAudio(bytes: Uint8Array, frame = 32_000, bytesPerSecond = 0): Promise<void> {
    const startedAt = performance.now();
    for (let offset = 0; offset < bytes.length; offset += frame) {
      if (this.socket.readyState !== WebSocket.OPEN) return;
      this.socket.send(bytes.subarray(offset, offset + frame));
      const due = bytesPerSecond ? startedAt + ((offset + frame) / bytesPerSecond) * 1000 : 0;
      while (this.socket.bufferedAmount > 4 * frame || performance.now() < due) {
        await new Promise((resolve) => setTimeout(resolve, 5));
        if (this.socket.readyState !== WebSocket.OPEN) return;
      }
    }
  }

  /** Stops, and waits for the server to close. */
  async stop(): Promise<void> {
    this.send({ type: 'stop_transcription' });
    await this.close();
  }

  /** Waits for the server to close. */
  close(): Promise<void> {
    return this.until(() => this.closed !== undefined);
  }

  /** The first event of a type, whether it came already or is awaited. */
  async next<T extends ServerEventType>(type: T): Promise<EventOf<T>> {
    await this.until(() => this.all(type).length > 0 || this.closed !== undefined);
    const event = this.all(type)[0];
    expect(event, `${type} among ${JSON.stringify(this.events)}`).toBeDefined();
    return event as EventOf<T>;
  }

  all<T extends ServerEventType>(type: T): EventOf<T>[] {
    return this.events.filter((event): event is EventOf<T> => event.type === type);
  }

  /** Text of all finals. */
  get text(): string {
    return this.all('final')
      .map(({ text }) => text)
      .join(' ');
  }

  /** Resolves when `condition` holds; it is looked at after every event. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      await new Promise<void>((resolve) => {
        this.#waiting.add(resolve);
      });
    }
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}
