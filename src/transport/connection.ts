import { type Access, type Caller, requireRoom } from '../access/index.js';
import { type ErrorCode, GatewayError } from '../errors/index.js';
import {
  type ClientMessage,
  closeCodes,
  failedEvent,
  parseClientMessage,
  type Resume,
  type ServerEvent,
  type SessionEvent,
  type StartTranscription,
} from '../protocol/index.js';
import type { RegistryClient, Session, SessionEnd, SessionRegistry } from '../session/index.js';
import { Keepalive, type KeepaliveOptions } from './keepalive.js';
import { Outbox } from './outbox.js';
import type { Socket, SocketListener } from './socket.js';

export interface ConnectionOptions extends KeepaliveOptions {
  /** Bytes of events that may wait for the client. */
  readonly maxUnreadBytes: number;
}

export interface ConnectionDependencies {
  readonly registry: SessionRegistry;
  readonly access: Pick<Access, 'requireAudio'>;
  /** Who is at the other end. */
  readonly caller: Caller;
  /** There was no place for it. */
  readonly onRefused: (code: ErrorCode) => void;
}

/** Refusals after which nothing else can be asked. */
const fatalRefusals = new Set<ErrorCode>([
  'bad_message',
  'too_many_connections',
  'overloaded',
  'insufficient_quota',
  'room_not_allowed',
  'server_draining',
]);
/** How long a connection without a place of its own may wait before it resumes a session. */
const guestTimeoutMs = 10_000;
/** Frames that may come while a session is fetched; its client has nothing to send before that is done. */
const maxHeldFrames = 100;

/**
 * The only owner of one streaming socket: frames in, events out, back-pressure both ways, keepalive.
 * Where the session ends the socket is closed; where the socket ends the session does, unless it waits
 * for its client to come back.
 */
export class Connection implements SocketListener, RegistryClient {
  readonly caller: Caller;
  readonly #socket: Socket;
  readonly #outbox: Outbox;
  readonly #registry: SessionRegistry;
  readonly #access: ConnectionDependencies['access'];
  readonly #onRefused: ConnectionDependencies['onRefused'];
  /** Null for a guest, which may only resume a session. */
  #session: Session | null = null;
  readonly #keepalive: Keepalive;
  #guestTimer: NodeJS.Timeout | undefined;
  #paused = false;
  /** What came while a session is being resumed; null while none is. */
  #resuming: (() => void)[] | null = null;

  /** @throws GatewayError as `SessionRegistry.open` does. */
  constructor(
    socket: Socket,
    options: ConnectionOptions,
    { registry, access, caller, onRefused }: ConnectionDependencies,
  ) {
    this.caller = caller;
    this.#access = access;
    this.#socket = socket;
    this.#outbox = new Outbox(socket, options.maxUnreadBytes, () => this.#onSlowReader());
    this.#registry = registry;
    this.#onRefused = onRefused;
    const opened = registry.open(this);
    if (!(opened instanceof GatewayError)) this.#session = opened;
    else this.#guestTimer = setTimeout(() => this.#dismissGuest(opened), guestTimeoutMs);
    this.#keepalive = new Keepalive(options, {
      ping: () => socket.ping(),
      idle: () => this.#onIdle(),
      dead: () => socket.terminate(),
    });
  }

  onText(text: string): void {
    if (!this.#outbox.open) return;
    this.#keepalive.frame();
    if (this.#resuming) {
      this.#hold(() => this.onText(text));
      return;
    }
    try {
      const parsed = parseClientMessage(text);
      if (parsed.kind === 'message') this.#onMessage(parsed.message);
      else this.#warnUnknown(parsed.type);
    } catch (error) {
      this.#onFailure(error);
    }
  }

  onBinary(bytes: Uint8Array): void {
    if (!this.#outbox.open) return;
    this.#keepalive.frame();
    if (this.#resuming) {
      this.#hold(() => this.onBinary(bytes));
      return;
    }
    try {
      if (!this.#own().processor.write(bytes)) void this.#pauseUntilDrained();
    } catch (error) {
      this.#onFailure(error);
    }
  }

  onPong(): void {
    this.#keepalive.pong();
  }

  onFrameTooBig(): void {
    this.#fail(new GatewayError('frame_too_big'));
  }

  onFlood(): void {
    this.#fail(new GatewayError('sent_too_fast'));
  }

  onClose(code: number): void {
    this.#outbox.closed();
    this.#keepalive.close();
    clearTimeout(this.#guestTimer);
    this.#registry.dismissed(this);
    this.#session?.leave(this, onPurpose(code, this.#outbox.closing));
  }

  /** An event of the session. */
  send(text: string): void {
    this.#outbox.send(text);
  }

  /** What the client missed of the session that it resumes. */
  repeat(texts: readonly string[]): void {
    this.#outbox.repeat(texts);
  }

  /** The session's own last event was sent; the close that follows says the same in a number. */
  ended({ reason, error }: SessionEnd): void {
    const code =
      error?.closeCode ?? (reason === 'server_draining' ? closeCodes.draining : closeCodes.done);
    this.#close(code, error?.code ?? reason);
  }

  /** A client that loses its gateway this way comes back with the session, to whichever there is. */
  handedOver(): void {
    this.#close(closeCodes.draining, 'server_draining');
  }

  takenOver(): void {
    this.dismiss(new GatewayError('session_taken_over'));
  }

  /** Its key opens nothing any more. */
  expel(error: GatewayError): void {
    this.#fail(error);
  }

  dismiss(error: GatewayError): void {
    this.#sendEvent(failedEvent(error, true));
    this.#close(error.closeCode, error.code);
  }

  /** @throws GatewayError where a guest asks for a session of its own, and there is still no place. */
  #own(): Session {
    if (this.#session) return this.#session;
    clearTimeout(this.#guestTimer);
    const opened = this.#registry.open(this);
    if (opened instanceof GatewayError) {
      this.#onRefused(opened.code);
      throw opened;
    }
    this.#session = opened;
    return opened;
  }

  #onMessage(message: ClientMessage): void {
    switch (message.type) {
      case 'start_transcription':
        this.#start(message);
        break;
      case 'configure':
        this.#own().processor.configure(message);
        break;
      case 'finalize':
        this.#own().processor.finalize();
        break;
      case 'ping':
        this.#sendEvent({ type: 'pong', ...(message.id !== undefined && { id: message.id }) });
        break;
      case 'stop_transcription': {
        const { processor } = this.#own();
        if (processor.phase === 'idle') throw new GatewayError('not_started');
        processor.stop();
        break;
      }
    }
  }

  #start(message: StartTranscription): void {
    if (!message.resume || (this.#session && this.#session.processor.phase !== 'idle')) {
      this.#access.requireAudio(this.caller);
      this.#own().start(this.#inItsRoom(message));
      return;
    }
    this.#resuming = [];
    void this.#resume(message.resume);
  }

  /** Goes on with a session, which may have to be fetched from another gateway. Never rejects. */
  async #resume(resume: Resume): Promise<void> {
    const unused = this.#session;
    try {
      this.#session = await this.#registry.resume(this, resume, unused);
      clearTimeout(this.#guestTimer);
      if (!this.#outbox.open) this.#session?.leave(this, false);
    } catch (error) {
      if (unused?.detached) this.#session = null;
      this.#onFailure(error);
    }
    const held = this.#resuming ?? [];
    this.#resuming = null;
    for (const frame of held) frame();
  }

  /** Keeps a frame until it is known which session it is for. */
  #hold(frame: () => void): void {
    this.#resuming?.push(frame);
    if ((this.#resuming?.length ?? 0) > maxHeldFrames) this.onFlood();
  }

  /** Whoever may speak in one room only speaks there, without saying so. */
  #inItsRoom(message: StartTranscription): StartTranscription {
    const { room } = this.caller;
    if (room === null) return message;
    if (message.room !== undefined) requireRoom(this.caller, message.room);
    return { ...message, room };
  }

  #onFailure(error: unknown): void {
    const failure = GatewayError.from(error);
    if (fatalRefusals.has(failure.code)) this.#fail(failure);
    else this.#refuse(failure);
  }

  /** Ends the session with an error; the close follows from its end. */
  #fail(error: GatewayError): void {
    if (this.#session?.processor.phase === 'running') {
      this.#session.processor.fail(error);
      return;
    }
    this.dismiss(error);
    void this.#session?.processor.cleanup(error.code);
  }

  /** Says that one request was refused; the session is as before. */
  #refuse(error: GatewayError): void {
    this.#tell(failedEvent(error, false));
  }

  #warnUnknown(type: string): void {
    const message = `There is no message of type "${type.slice(0, 100)}".`;
    this.#tell({ type: 'warning', code: 'unknown_type', message });
  }

  /** Sends an event as one of the session, where there is one. */
  #tell(event: SessionEvent): void {
    const processor = this.#session?.processor;
    if (!processor || processor.phase === 'idle') this.#sendEvent(event as ServerEvent);
    else processor.emit(event);
  }

  #sendEvent(event: ServerEvent): void {
    this.send(JSON.stringify(event));
  }

  #close(code: number, reason: string): void {
    // The other end's part of the handshake has to be read.
    if (this.#paused) this.#socket.resume();
    this.#outbox.close(code, reason);
  }

  #onSlowReader(): void {
    // A session that can be resumed waits for its client to come back and read.
    if (this.#session?.resumable) return;
    this.#session?.processor.fail(new GatewayError('slow_reader'));
  }

  async #pauseUntilDrained(): Promise<void> {
    if (this.#paused) return;
    this.#paused = true;
    this.#keepalive.hold();
    this.#socket.pause();
    await this.#session?.processor.drained();
    this.#paused = false;
    this.#keepalive.release();
    this.#socket.resume();
  }

  #dismissGuest(refusal: GatewayError): void {
    this.#onRefused(refusal.code);
    this.dismiss(refusal);
  }

  #onIdle(): void {
    // A client that said that it is done only listens; the end has a deadline of its own.
    if (!this.#session?.processor.ending) this.#fail(new GatewayError('idle_timeout'));
  }
}

/** Whether a close is meant to be the end, and not the loss of a connection. */
function onPurpose(code: number, closing: boolean): boolean {
  // RFC 6455, 7.1.5: 1006 without a close frame, 1005 for one without a code.
  return closing ? code !== 1006 : code === 1000 || code === 1005;
}
