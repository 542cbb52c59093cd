import { GatewayError } from '../errors/index.js';
import {
  type ClientMessage,
  closeCodes,
  parseClientMessage,
  type ServerEvent,
} from '../protocol/index.js';
import type { AudioProcessor, NumberedEvent, SessionEnd } from '../session/index.js';
import type { Socket, SocketListener } from './socket.js';

export interface ConnectionOptions {
  readonly idleTimeoutMs: number;
  readonly pingIntervalMs: number;
  /** Bytes of events that may wait for the client. */
  readonly maxUnreadBytes: number;
}

/** How long a client may take for its part of the closing handshake. */
const closeTimeoutMs = 2_000;
/**
 * The only owner of one streaming socket: frames in, events out, back-pressure both ways, keepalive.
 * Whatever ends first, socket or session, ends the other.
 */
export class Connection implements SocketListener {
  readonly #socket: Socket;
  readonly #options: ConnectionOptions;
  readonly #processor: AudioProcessor;
  readonly #idleTimer: NodeJS.Timeout;
  readonly #pingTimer: NodeJS.Timeout;
  #closeTimer: NodeJS.Timeout | undefined;
  #paused = false;
  #open = true;

  /** Resolves when the socket is closed and the session is over. Never rejects. */
  readonly closed: Promise<void>;
  #resolveSocketClosed = () => {};

  constructor(
    socket: Socket,
    options: ConnectionOptions,
    createProcessor: (send: (event: NumberedEvent) => void) => AudioProcessor,
  ) {
    this.#socket = socket;
    this.#options = options;
    this.#processor = createProcessor((event) => this.#send(event as ServerEvent));
    this.#idleTimer = setInterval(() => this.#onIdle(), options.idleTimeoutMs);
    this.#pingTimer = setInterval(() => socket.ping(), options.pingIntervalMs);
    const socketClosed = new Promise<void>((resolve) => {
      this.#resolveSocketClosed = resolve;
    });
    const sessionOver = this.#processor.stopped.then((end) => this.#onSessionEnd(end));
    this.closed = Promise.all([socketClosed, sessionOver]).then(() => {});
  }

  onText(text: string): void {
    this.#idleTimer.refresh();
    try {
      const parsed = parseClientMessage(text);
      if (parsed.kind === 'message') this.#onMessage(parsed.message);
      else this.#warnUnknown(parsed.type);
    } catch (error) {
      const failure = GatewayError.from(error);
      if (failure.code === 'bad_message') this.#fail(failure);
      else this.#refuse(failure);
    }
  }

  onBinary(bytes: Uint8Array): void {
    this.#idleTimer.refresh();
    try {
      if (!this.#processor.write(bytes)) void this.#pauseUntilDrained();
    } catch (error) {
      this.#refuse(GatewayError.from(error));
    }
  }

  onFrameTooBig(): void {
    this.#fail(new GatewayError('frame_too_big'));
  }

  onClose(): void {
    this.#open = false;
    clearInterval(this.#idleTimer);
    clearInterval(this.#pingTimer);
    clearTimeout(this.#closeTimer);
    this.#resolveSocketClosed();
    void this.#processor.cleanup('connection_closed');
  }

  /** Finishes what was heard, or drops it after `timeoutMs`. Never rejects. */
  async drain(timeoutMs: number): Promise<void> {
    const late = setTimeout(() => this.#fail(new GatewayError('server_draining')), timeoutMs);
    clearInterval(this.#idleTimer);
    this.#processor.stop('server_draining');
    await this.closed;
    clearTimeout(late);
  }

  #onMessage(message: ClientMessage): void {
    switch (message.type) {
      case 'start_transcription':
        this.#processor.start(message);
        break;
      case 'configure':
        this.#processor.configure(message);
        break;
      case 'finalize':
        this.#processor.finalize();
        break;
      case 'ping':
        this.#send({ type: 'pong', ...(message.id !== undefined && { id: message.id }) });
        break;
      case 'stop_transcription':
        if (this.#processor.phase === 'idle') throw new GatewayError('not_started');
        // From here on the client only listens; the draining phase has a deadline of its own.
        clearInterval(this.#idleTimer);
        this.#processor.stop();
        break;
    }
  }

  /** The session's own last event was sent; the close that follows says the same in a number. */
  #onSessionEnd({ reason, error }: SessionEnd): void {
    const code =
      error?.closeCode ?? (reason === 'server_draining' ? closeCodes.draining : closeCodes.done);
    this.#close(code, error?.code ?? reason);
  }

  /** Ends the session with an error; the close follows from its end. */
  #fail(error: GatewayError): void {
    if (this.#processor.phase === 'running') {
      this.#processor.fail(error);
      return;
    }
    this.#send(failed(error, true));
    this.#close(error.closeCode, error.code);
    void this.#processor.cleanup(error.code);
  }

  /** Says that one request was refused; the session is as before. */
  #refuse(error: GatewayError): void {
    if (this.#processor.phase === 'idle') this.#send(failed(error, false));
    else this.#processor.emit(failed(error, false));
  }

  #warnUnknown(type: string): void {
    const warning = {
      type: 'warning',
      code: 'unknown_type',
      message: `There is no message of type "${type.slice(0, 100)}".`,
    } as const;
    if (this.#processor.phase === 'idle') this.#send(warning);
    else this.#processor.emit(warning);
  }

  #send(event: ServerEvent): void {
    if (!this.#open) return;
    this.#socket.send(JSON.stringify(event));
    if (this.#socket.unreadBytes <= this.#options.maxUnreadBytes) return;
    // A close frame would wait behind everything that is not being read.
    this.#open = false;
    this.#processor.fail(new GatewayError('slow_reader'));
    this.#socket.terminate();
  }

  #close(code: number, reason: string): void {
    if (!this.#open) return;
    this.#open = false;
    if (this.#paused) this.#socket.resume();
    this.#socket.close(code, reason);
    this.#closeTimer = setTimeout(() => this.#socket.terminate(), closeTimeoutMs);
  }

  async #pauseUntilDrained(): Promise<void> {
    if (this.#paused) return;
    this.#paused = true;
    this.#socket.pause();
    await this.#processor.drained();
    this.#paused = false;
    this.#idleTimer.refresh();
    this.#socket.resume();
  }

  #onIdle(): void {
    // Who is held back by us is not idle.
    if (!this.#paused) this.#fail(new GatewayError('idle_timeout'));
  }
}

/** The event that names an error. */
export function failed(error: GatewayError, fatal: boolean) {
  return {
    type: 'transcription_failed',
    code: error.code,
    message: error.message,
    retryable: error.retryable,
    ...(error.retryAfterMs !== undefined && { retry_after_ms: error.retryAfterMs }),
    fatal,
  } as const;
}
