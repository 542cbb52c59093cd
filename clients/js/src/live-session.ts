import type { AudioFormat } from './audio-clock.js';
import { backoffMs, defaultReconnect, pauseUntilOnline, type ReconnectPolicy } from './backoff.js';
import { CaptionQueue } from './caption-queue.js';
import { asClientError, ClientError, failureOf } from './client-error.js';
import { Emitter } from './emitter.js';
import type { Endpoint, WebSocketLike } from './endpoint.js';
import type {
  Caption,
  ClientMessage,
  Configure,
  EventOf,
  Ledger,
  ServerEvent,
  StartTranscription,
} from './protocol.js';
import { type Gap, Recording } from './recording.js';
import { connectionLost, isOpen, openSocket } from './web-socket.js';

/** What a session is asked for, in the words of `start_transcription`; see docs/protocol.md. */
export type StartFields = Omit<
  globalThis.Partial<StartTranscription>,
  'type' | 'audio' | 'resume' | 'resumable'
>;

export interface LiveOptions extends StartFields {
  /** @default { format: 'auto' }, which is any container. */
  readonly audio?: AudioFormat;
  /** False gives up where a connection is lost. */
  readonly reconnect?: ReconnectPolicy | false;
  /** Whether the first connection is tried again as later ones are. @default false */
  readonly retryStart?: boolean;
  /** Raw audio that is kept for another try, in ms of time. @default 120_000 */
  readonly maxHeldMs?: number;
  /** Begins a new container; needed for containers to survive a lost connection. */
  readonly restartAudio?: () => void;
  /** Ends the recording, at `stop()`: what is sent until it resolves is still heard. */
  readonly endAudio?: () => Promise<void>;
}

export type LiveState =
  | { readonly name: 'idle' | 'connecting' | 'stopping' | 'stopped' }
  /** `resumed`: after a reconnect, whether the session is the same as before. */
  | { readonly name: 'live'; readonly resumed?: boolean }
  | {
      readonly name: 'reconnecting';
      readonly attempt: number;
      readonly inMs: number;
      readonly error: ClientError;
    }
  | { readonly name: 'failed'; readonly error: ClientError };

/** The gateway's events, their times counted from the recording's first sample, and the client's own. */
export type LiveEvents = { [T in ServerEvent['type']]: EventOf<T> } & {
  state: LiveState;
  /** Audio that was lost on the way, because more was recorded without a connection than is held. */
  gap: Gap;
};

export interface LiveEnd {
  readonly reason: string;
  /** Of the last session; see docs/protocol.md. */
  readonly ledger: Ledger;
}

/** Bytes in the socket's own buffer from which it is given no more. */
const maxSocketBytes = 256 * 1024;
const maxFrameBytes = 64 * 1024;
/** How often the socket's buffer is looked at while it is full; no event tells. */
const pumpIntervalMs = 20;
const pingIntervalMs = 10_000;
/** How long a session that is stopped may be without a gateway that goes on with it. */
const lastTriesMs = 120_000;
/** Closes of a connection: one that is meant to be the end, and one that is given up for another. */
const onPurpose = 1000;
const givenUp = 4000;

/** How one connection ended. */
type Outcome =
  | { readonly kind: 'stopped'; readonly end: LiveEnd }
  | { readonly kind: 'failed'; readonly error: ClientError };

/**
 * Live captions of one recording. A lost connection is opened again, with the same session where the
 * gateway still has it and else with a new one that gets the audio that is not in finals yet.
 */
export class LiveSession extends Emitter<LiveEvents> {
  /** Resolves when all is said; rejects with a `ClientError` where it failed. */
  readonly ended: Promise<LiveEnd>;

  readonly #endpoint: Endpoint;
  readonly #options: LiveOptions;
  readonly #recording: Recording;
  readonly #queues = new Set<CaptionQueue>();
  readonly #closed = new AbortController();
  #state: LiveState = { name: 'idle' };
  #socket: WebSocketLike | undefined;
  /** Whether the gateway waits for audio. */
  #flowing = false;
  #sessions = 0;
  #sessionId: string | undefined;
  #resumeToken: string | undefined;
  #lastSeq = 0;
  #resuming = false;
  #everStarted = false;
  #attempt = 0;
  #stopAsked = false;
  /** Whether no more audio is taken. */
  #audioEnded = false;
  #stopSent = false;
  /** Changes of the session there is. */
  #changes: Omit<Configure, 'type'> = {};
  /** Places in the recording at which an utterance is to be finished. */
  #finalizeAt: number[] = [];
  #pumpTimer: ReturnType<typeof setTimeout> | undefined;
  #lastTries: ReturnType<typeof setTimeout> | undefined;
  #heardSincePing = true;
  #resolveEnded: (end: LiveEnd) => void = () => {};
  #rejectEnded: (error: ClientError) => void = () => {};
  #settleAttempt: (outcome: Outcome) => void = () => {};
  #onStarted: (event: EventOf<'transcription_started'>) => void = () => {};
  #onDrained: () => void = () => {};
  #drained: Promise<void> | undefined;

  constructor(endpoint: Endpoint, options: LiveOptions) {
    super();
    this.#endpoint = endpoint;
    this.#options = { ...options };
    this.#recording = new Recording(
      options.audio ?? { format: 'auto' },
      options.maxHeldMs ?? 120_000,
      (gap) => this.emit('gap', gap),
    );
    this.ended = new Promise((resolve, reject) => {
      this.#resolveEnded = resolve;
      this.#rejectEnded = reject;
    });
    // Whoever only listens to events has no handler for it.
    this.ended.catch(() => {});
  }

  get state(): LiveState {
    return this.#state;
  }

  /**
   * Connects and begins. Audio may be sent before it resolves.
   * @throws ClientError why not: the first connection is tried again with `retryStart` only.
   */
  async start(): Promise<EventOf<'transcription_started'>> {
    if (this.#state.name !== 'idle') throw new ClientError('closed', 'This session was started.');
    this.#setState({ name: 'connecting' });
    const started = new Promise<EventOf<'transcription_started'>>((resolve) => {
      this.#onStarted = resolve;
    });
    void this.#run();
    const over = this.ended.then((): never => {
      throw new ClientError('closed', 'The session ended before it began.');
    });
    return Promise.race([started, over]);
  }

  /** Takes audio. False asks the caller to wait for `drained()`; who cannot wait may go on sending. */
  send(bytes: Uint8Array | ArrayBuffer): boolean {
    if (this.#audioEnded || this.#over) return true;
    this.#recording.push(bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes));
    this.#pump();
    return this.#recording.unsentBytes < this.#recording.maxUnsentBytes;
  }

  /** Resolves when there is room for more, or the session is over. */
  drained(): Promise<void> {
    if (this.#over || this.#hasRoom) return Promise.resolve();
    this.#drained ??= new Promise((resolve) => {
      this.#onDrained = resolve;
    });
    return this.#drained;
  }

  /** Finishes the utterance heard so far; the session goes on. */
  finalize(): void {
    this.#finalizeAt.push(this.#recording.end);
    this.#pump();
  }

  /** Changes the running session, from the next words on. */
  configure(change: Omit<Configure, 'type'>): void {
    Object.assign(this.#options, change);
    Object.assign(this.#changes, change);
    this.#say({ type: 'configure', ...change });
  }

  /**
   * No more audio: resolves when everything that was sent is in finals. Without a connection that is tried
   * for two minutes at most.
   */
  stop(): Promise<LiveEnd> {
    if (this.#state.name === 'idle') this.close();
    if (this.#stopAsked || this.#over) return this.ended;
    this.#stopAsked = true;
    if (this.#state.name === 'reconnecting') this.#limitTries(this.#state.error);
    this.#setState({ name: 'stopping' });
    const end = () => {
      this.#audioEnded = true;
      this.#pump();
    };
    const { endAudio } = this.#options;
    if (endAudio) void endAudio().then(end, end);
    else end();
    return this.ended;
  }

  /** Drops everything at once. Idempotent. */
  close(): void {
    this.#fail(new ClientError('closed', 'The session was closed.'));
  }

  /** Every caption from now on: `partial`s as they grow, and `final`s. Ends with the session. */
  captions(): AsyncIterableIterator<Caption> {
    const queue = new CaptionQueue(() => this.#queues.delete(queue));
    if (this.#over) queue.end(null);
    else this.#queues.add(queue);
    return queue;
  }

  /** How long ago, in ms, the audio at a time of a caption was recorded. */
  delayMs(timeMs: number): number {
    return this.#recording.delayMs(timeMs);
  }

  get #over(): boolean {
    return this.#state.name === 'stopped' || this.#state.name === 'failed';
  }

  get #hasRoom(): boolean {
    return this.#recording.unsentBytes <= this.#recording.maxUnsentBytes / 2;
  }

  async #run(): Promise<void> {
    const policy = this.#options.reconnect ?? defaultReconnect;
    while (!this.#over) {
      const outcome = await this.#attemptOnce();
      if (this.#over) return;
      if (outcome.kind === 'stopped') return this.#finish(outcome.end);
      const { error } = outcome;
      const canGoOn = this.#recording.seekable || this.#options.restartAudio !== undefined;
      const mayRetry = this.#everStarted || this.#options.retryStart === true;
      const again = policy && error.retryable && mayRetry && canGoOn;
      if (!again || this.#attempt >= policy.attempts) return this.#fail(error);
      this.#attempt++;
      const inMs = backoffMs(policy, this.#attempt, error.retryAfterMs);
      if (this.#stopAsked) this.#limitTries(error);
      else this.#setState({ name: 'reconnecting', attempt: this.#attempt, inMs, error });
      await pauseUntilOnline(inMs, this.#closed.signal);
    }
  }

  /** One connection, from its opening to its end. */
  async #attemptOnce(): Promise<Outcome> {
    let settled = false;
    let settle: (outcome: Outcome) => void = () => {};
    const outcome = new Promise<Outcome>((resolve) => {
      settle = (result) => {
        settled = true;
        resolve(result);
      };
    });
    this.#settleAttempt = settle;
    try {
      this.#socket = await openSocket(this.#endpoint, '/v1/stream', {
        message: (text) => {
          if (!settled) this.#onEvent(JSON.parse(text) as ServerEvent);
        },
        // It may come when there is another connection.
        closed: (code) => settle({ kind: 'failed', error: connectionLost(code) }),
      });
    } catch (error) {
      return { kind: 'failed', error: asClientError(error) };
    }
    if (this.#over) {
      this.#socket.close(onPurpose);
      return outcome;
    }
    this.#begin();
    this.#heardSincePing = true;
    const pings = setInterval(() => this.#ping(), pingIntervalMs);
    const result = await outcome;
    clearInterval(pings);
    clearTimeout(this.#pumpTimer);
    this.#flowing = false;
    const isLost = result.kind === 'failed' && result.error.code === 'connection_lost';
    this.#socket.close(isLost ? givenUp : onPurpose);
    this.#socket = undefined;
    return result;
  }

  /** Asks for the session that was lost, where the gateway may still have it, or for a new one. */
  #begin(): void {
    this.#stopSent = false;
    const { audio, reconnect, retryStart, maxHeldMs, restartAudio, endAudio, ...fields } =
      this.#options;
    const start = {
      type: 'start_transcription',
      ...fields,
      ...(audio && { audio }),
      resumable: reconnect !== false,
    } as const;
    this.#resuming = this.#sessionId !== undefined && this.#resumeToken !== undefined;
    if (!this.#recording.seekable && this.#everStarted) restartAudio?.();
    if (!this.#resuming) {
      this.#sessions++;
      this.#changes = {};
      this.#sessionId = undefined;
      this.#lastSeq = 0;
      this.#recording.beginSession();
      this.#say(start);
      return;
    }
    const resume = {
      session_id: this.#sessionId,
      resume_token: this.#resumeToken,
      last_seq: this.#lastSeq,
      ...(!this.#recording.seekable && { start_ms: this.#recording.continueContainer() }),
    };
    this.#say({ ...start, resume });
  }

  #onEvent(event: ServerEvent): void {
    this.#heardSincePing = true;
    if ('seq' in event && event.seq !== undefined) {
      // An event that is repeated after a resume was heard already.
      if (event.session_id === this.#sessionId && event.seq <= this.#lastSeq) return;
      this.#sessionId = event.session_id;
      this.#lastSeq = event.seq;
    }
    if (event.type === 'transcription_failed' && event.code === 'resume_unknown') {
      this.#resumeToken = undefined;
      // The gateway that does not know the session leaves the socket open for another one.
      if (event.fatal) {
        this.#settleAttempt({ kind: 'failed', error: failureOf({ ...event, retryable: true }) });
      } else this.#begin();
      return;
    }
    const shifted = this.#onRecordingsClock(event);
    this.#follow(event);
    this.emit(shifted.type, shifted as never);
    if (shifted.type === 'partial' || shifted.type === 'final') {
      for (const queue of this.#queues) queue.push(shifted);
    }
  }

  /** What the client itself does about an event. */
  #follow(event: ServerEvent): void {
    switch (event.type) {
      case 'transcription_started':
        // One that is repeated after a resume keeps it to itself.
        this.#resumeToken = event.resume_token ?? this.#resumeToken;
        // A session that is resumed says with the next `progress` where it wants to go on.
        if (!this.#resuming) this.#flow();
        this.#onStarted(event);
        break;
      case 'progress':
        // One that is repeated does not say where this connection goes on.
        if (this.#resuming && !this.#flowing && event.received_bytes !== undefined) {
          this.#recording.resumeAt(event.received_ms, event.received_bytes);
          this.#flow();
        }
        this.#recording.setSafe(event.safe_ms);
        break;
      case 'final':
        this.#recording.setSafe(event.end_ms);
        break;
      case 'transcription_stopped':
        this.#onStopped(event);
        break;
      case 'transcription_failed':
        if (event.fatal) {
          // One that is no event of the session refuses the connection: the session may still be had.
          if (event.session_id !== undefined) this.#resumeToken = undefined;
          this.#settleAttempt({ kind: 'failed', error: failureOf(event) });
        }
        break;
    }
  }

  #flow(): void {
    if (this.#flowing) return;
    this.#flowing = true;
    const again = this.#everStarted;
    this.#everStarted = true;
    this.#attempt = 0;
    clearTimeout(this.#lastTries);
    this.#lastTries = undefined;
    const resumed = this.#resuming;
    this.#setState(
      this.#stopAsked ? { name: 'stopping' } : { name: 'live', ...(again && { resumed }) },
    );
    // What was changed meanwhile, or was on its way when the connection was lost.
    if (resumed && Object.keys(this.#changes).length > 0) {
      this.#say({ type: 'configure', ...this.#changes });
    }
    this.#pump();
  }

  #onStopped({ reason, ledger }: EventOf<'transcription_stopped'>): void {
    // After a resume it may be the answer to a stop that was sent before.
    if (this.#stopSent || reason === 'client_stopped') {
      this.#settleAttempt({ kind: 'stopped', end: { reason, ledger } });
      return;
    }
    // The gateway is about to go: everything it received is in finals, and the rest is for the next one.
    this.#resumeToken = undefined;
    this.#recording.setSafe(ledger.received_ms);
    const message = 'The gateway has ended the session.';
    const error = new ClientError(reason, message, { retryable: true });
    this.#settleAttempt({ kind: 'failed', error });
  }

  /** The event as it lies on the recording's clock, whichever session it is of. */
  #onRecordingsClock(event: ServerEvent): ServerEvent {
    const at = (ms: number) => Math.round(this.#recording.toRecordingMs(ms));
    switch (event.type) {
      case 'speech_started':
      case 'speech_ended':
        return { ...event, at_ms: at(event.at_ms) };
      case 'partial':
      case 'final': {
        const utterance_id = `${this.#sessions}-${event.utterance_id}`;
        const placed = { utterance_id, start_ms: at(event.start_ms), end_ms: at(event.end_ms) };
        if (event.type === 'partial' || !event.words) return { ...event, ...placed };
        const words = event.words.map((word) => ({
          ...word,
          start_ms: at(word.start_ms),
          end_ms: at(word.end_ms),
        }));
        return { ...event, ...placed, words };
      }
      default:
        return event;
    }
  }

  /** Sends what there is, as long as the network takes it. */
  #pump(): void {
    clearTimeout(this.#pumpTimer);
    const socket = this.#socket;
    if (!this.#flowing || !isOpen(socket)) return;
    for (;;) {
      if (socket.bufferedAmount > maxSocketBytes) {
        this.#pumpTimer = setTimeout(() => this.#pump(), pumpIntervalMs);
        break;
      }
      const bytes = this.#recording.next(maxFrameBytes);
      if (bytes) socket.send(bytes);
      this.#finalizeWhereDue();
      if (!bytes) break;
    }
    if (this.#drained && this.#hasRoom) this.#releaseDrained();
    if (this.#audioEnded && !this.#stopSent && this.#recording.unsentBytes === 0) {
      this.#stopSent = true;
      this.#say({ type: 'stop_transcription' });
    }
  }

  #finalizeWhereDue(): void {
    while ((this.#finalizeAt[0] ?? Number.POSITIVE_INFINITY) <= this.#recording.sent) {
      this.#finalizeAt.shift();
      this.#say({ type: 'finalize' });
    }
  }

  #releaseDrained(): void {
    this.#drained = undefined;
    this.#onDrained();
  }

  #ping(): void {
    if (!this.#heardSincePing) {
      // A connection that died without a word may otherwise look open for many minutes.
      this.#settleAttempt({ kind: 'failed', error: connectionLost(1006) });
      return;
    }
    this.#heardSincePing = false;
    this.#say({ type: 'ping' });
  }

  #say(message: { readonly type: ClientMessage['type']; readonly [field: string]: unknown }): void {
    if (isOpen(this.#socket)) this.#socket.send(JSON.stringify(message));
  }

  /** Fails with `error` where nobody goes on with a session that was stopped. */
  #limitTries(error: ClientError): void {
    this.#lastTries ??= setTimeout(() => this.#fail(error), lastTriesMs);
  }

  #setState(state: LiveState): void {
    this.#state = state;
    this.emit('state', state);
  }

  #finish(end: LiveEnd): void {
    this.#end({ name: 'stopped' }, null);
    this.#resolveEnded(end);
  }

  #fail(error: ClientError): void {
    if (this.#over) return;
    this.#end({ name: 'failed', error }, error);
    this.#rejectEnded(error);
  }

  #end(state: LiveState, error: ClientError | null): void {
    this.#setState(state);
    clearTimeout(this.#lastTries);
    this.#closed.abort();
    this.#settleAttempt({ kind: 'failed', error: error ?? connectionLost(1000) });
    this.#releaseDrained();
    for (const queue of this.#queues) queue.end(error?.code === 'closed' ? null : error);
    this.#queues.clear();
  }
}
