import { type ActorRefFrom, createActor, fromCallback } from 'xstate';
import { type ChunkerOptions, type CreateDecoder, samplesToMs } from '../audio/index.js';
import type { SubmitWindow } from '../decoding/index.js';
import { GatewayError } from '../errors/index.js';
import type { LeaseModel, ModelLease } from '../models/index.js';
import { asHeard, type ChoosePostProcessor, type PostProcessor } from '../post-processing/index.js';
import {
  type Configure,
  failedEvent,
  type Ledger,
  type SessionEvent,
  type StartTranscription,
} from '../protocol/index.js';
import type { ChineseScript } from '../transcript/index.js';
import { AudioIntake, type PlacedAudio } from './audio-intake.js';
import { AudioLedger } from './audio-ledger.js';
import {
  type AudioProcessorEvent,
  audioProcessorMachine,
  type Deadlines,
} from './audio-processor-machine.js';
import { closeLedger } from './close-ledger.js';
import type { Checkpoint } from './kept/checkpoint.js';
import { Pipeline, type PipelineDependencies } from './pipeline.js';
import { audioFormat, changedRequest, changedSettings, settingsOf } from './session-request.js';
import type { SessionFigures } from './session-stats.js';
import { Transcriber, type TranscriberDependencies } from './transcriber.js';

/** The parts a session is made of, shared by all of them. */
export interface AudioProcessorDependencies
  extends Pick<PipelineDependencies, 'createVoiceActivity'>,
    Pick<TranscriberDependencies, 'submit' | 'metrics'> {
  readonly postProcessing: ChoosePostProcessor;
  readonly createDecoder: CreateDecoder;
  /** Keeps the session's model loaded. */
  readonly leaseModel: LeaseModel;
  readonly log: SessionLog;
}

/** A session's own logger. */
export interface SessionLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface AudioProcessorOptions extends Deadlines {
  readonly chunker: ChunkerOptions;
  readonly maxLagMs: number;
  readonly progressIntervalMs: number;
  readonly maxEarlyAudioBytes: number;
  /** How Chinese is written where the client does not say. */
  readonly chineseScript: ChineseScript;
}

/** A session's event with its place in the session's order. */
export type NumberedEvent = SessionEvent & { readonly session_id: string; readonly seq: number };

/** How a session ended; `error` is null where it ended as asked. */
export interface SessionEnd {
  readonly reason: string;
  readonly error: GatewayError | null;
  readonly ledger: Ledger;
}

/** A session that another gateway had. */
export interface Continuation {
  readonly checkpoint: Checkpoint;
  /** What it had heard behind the ledger's safe sample. */
  readonly audio: readonly PlacedAudio[];
  /** The first sample that the client sends. */
  readonly at: number;
  /** Where the recording that it sends begins on the session's clock. */
  readonly recordingStartMs: number;
}

/** How a session begins beside what its client asks. */
export interface StartOptions {
  /** What a client that was cut off comes back with, where it may. */
  readonly resumeToken?: string | undefined;
  readonly from?: Continuation | undefined;
  /** Told of audio as it is heard. */
  readonly keepAudio?: ((audio: PlacedAudio) => void) | undefined;
}

/** Ends of a session in this gateway which goes on in another one. */
const movedReason = 'moved';

type Phase = 'idle' | 'running' | 'stopped';

/**
 * One session: owns decoder, voice activity and transcription of one connection's audio. Its states
 * are those of `audioProcessorMachine`; `start`, `stop` and `abort` may be called at any time and any
 * number of times.
 */
export class AudioProcessor {
  readonly sessionId: string;
  /** Resolves when the session is STOPPED and nothing of it is left. Never rejects. */
  readonly stopped: Promise<SessionEnd>;

  readonly #deps: AudioProcessorDependencies;
  readonly #options: AudioProcessorOptions;
  readonly #send: (event: NumberedEvent) => void;
  readonly #actor: ActorRefFrom<typeof audioProcessorMachine>;
  #ledger = new AudioLedger();
  #request: StartTranscription | undefined;
  #postProcessor: PostProcessor = asHeard;
  #model: ModelLease | undefined;
  #how: StartOptions = {};
  #intake: AudioIntake | undefined;
  #transcriber: Transcriber | undefined;
  #pipeline: Pipeline | undefined;
  /** Whether `finalize` was asked for before there was a pipeline. */
  #finalizeFirst = false;
  #pipelineClosed: Promise<unknown> = Promise.resolve();
  #seq = 0;
  #startedAt = 0;

  constructor(
    sessionId: string,
    deps: AudioProcessorDependencies,
    options: AudioProcessorOptions,
    send: (event: NumberedEvent) => void,
  ) {
    this.sessionId = sessionId;
    this.#deps = deps;
    this.#options = options;
    this.#send = send;
    const machine = audioProcessorMachine.provide({
      actors: { pipeline: fromCallback(({ receive }) => this.#runPipeline(receive)) },
    });
    this.#actor = createActor(machine, { input: options });
    this.stopped = new Promise((resolve) => {
      this.#actor.subscribe({ complete: () => resolve(this.#end()) });
    });
    this.#actor.start();
  }

  get phase(): Phase {
    const { value } = this.#actor.getSnapshot();
    return typeof value === 'string' ? (value as Phase) : 'running';
  }

  /** The number of its newest event; 0 before the first. */
  get sequence(): number {
    return this.#seq;
  }

  /** Whether the client was told that audio may flow. */
  get started(): boolean {
    return this.#pipeline !== undefined;
  }

  /** Whether no more audio is expected. */
  get ending(): boolean {
    const snapshot = this.#actor.getSnapshot();
    const ends = ['stopping', 'draining'] as const;
    return ends.some((audio) => snapshot.matches({ running: { audio } }));
  }

  /** The room that it speaks in. */
  get room(): string | undefined {
    return this.#request?.room;
  }

  /** All that another gateway needs to go on; null before there is anything to go on with. */
  get checkpoint(): Checkpoint | null {
    const transcription = this.#transcriber?.state ?? this.#how.from?.checkpoint.transcription;
    if (!this.#request || !this.#intake || !transcription) return null;
    return {
      request: this.#request,
      startedAt: this.#startedAt,
      seq: this.#seq,
      recordingStartMs: this.#intake.recordingStartMs,
      ledger: this.#ledger.state,
      transcription,
    };
  }

  /** Milliseconds of audio that were heard here, and not in another gateway. */
  get heardMs(): number {
    return samplesToMs(Math.max(0, this.#ledger.received - (this.#how.from?.at ?? 0)));
  }

  /** What can be told of it while it lives. */
  get figures(): SessionFigures {
    const request = this.#request;
    return {
      session_id: this.sessionId,
      state: this.#state,
      room: request?.room ?? null,
      speaker: request?.speaker ?? null,
      started_at: request ? this.#startedAt : null,
      language: this.#transcriber?.language ?? request?.language ?? null,
      model: this.#model?.model ?? null,
      rung: this.#transcriber?.rung ?? null,
      received_ms: samplesToMs(this.#ledger.received),
      lag_ms: this.#pipeline?.lagMs ?? 0,
    };
  }

  /**
   * Begins; while RUNNING it only says again that the session has started.
   * @throws GatewayError `session_stopped` once STOPPED; `bad_field` where there is no such post-processing
   *   profile.
   */
  start(request: StartTranscription, how: StartOptions = {}): void {
    if (this.phase === 'stopped') throw new GatewayError('session_stopped');
    if (this.phase === 'running') {
      if (this.#pipeline) this.#emitStarted();
      return;
    }
    this.#postProcessor = this.#deps.postProcessing(request.post_processing);
    this.#request = request;
    this.#how = how;
    const { from } = how;
    this.#startedAt = from?.checkpoint.startedAt ?? Date.now();
    if (from) {
      this.#ledger = new AudioLedger(from.checkpoint.ledger);
      this.#seq = from.checkpoint.seq;
    }
    const { maxEarlyAudioBytes } = this.#options;
    const warn = this.#deps.log.warn.bind(this.#deps.log);
    const { createDecoder, metrics } = this.#deps;
    const audio = audioFormat(request);
    const onDecoded = (delayMs: number) => metrics.decoded(delayMs);
    this.#intake = new AudioIntake({
      ...{ createDecoder, audio, maxEarlyAudioBytes, warn, onDecoded, from },
    });
    if (!from) this.emit({ type: 'transcription_starting' });
    this.#dispatch({ type: 'START' });
  }

  /** The client was cut off: what was heard is transcribed, and it may come back for a while. */
  detach(): void {
    this.#dispatch({ type: 'DETACH' });
  }

  /**
   * The client came back. It goes on where it was cut off, which `progress` tells; or with a new
   * recording that begins at `startMs` on the session's clock.
   */
  resume(startMs?: number): void {
    this.#dispatch({ type: 'ATTACH' });
    const intake = this.#intake;
    if (!intake || this.phase !== 'running') return;
    if (startMs !== undefined && !this.ending) intake.restart(startMs);
    // Else that is said as soon as it is so.
    if (!this.#pipeline) return;
    this.#emitStarted();
    this.#pipeline.sendProgress(startMs === undefined ? intake.goOn() : { bytes: 0, ms: null });
  }

  /**
   * Takes audio. False asks the caller to read no more until `drained()`.
   * @throws GatewayError `not_started` or `session_stopped`.
   */
  write(bytes: Uint8Array): boolean {
    if (this.phase !== 'running' || !this.#intake) throw this.#notRunning();
    return this.#intake.write(bytes);
  }

  async drained(): Promise<void> {
    await this.#intake?.drained();
  }

  /** @throws GatewayError `not_started`, `session_stopped` or, changing nothing, `bad_field`. */
  configure(change: Configure): void {
    if (this.phase !== 'running') throw this.#notRunning();
    if (change.post_processing !== undefined) {
      this.#postProcessor = this.#deps.postProcessing(change.post_processing);
      this.#transcriber?.configure({ postProcessor: this.#postProcessor });
    }
    if (change.endpoint_ms !== undefined) this.#pipeline?.setEndpoint(change.endpoint_ms);
    this.#transcriber?.configure(changedSettings(change));
    this.#request = changedRequest(this.#request as StartTranscription, change);
  }

  /** @throws GatewayError `not_started` or `session_stopped`. */
  finalize(): void {
    if (this.phase !== 'running') throw this.#notRunning();
    if (this.#pipeline) this.#pipeline.finalize();
    else this.#finalizeFirst = true;
  }

  /** No more audio comes: finishes what was heard, then stops. */
  stop(reason = 'client_stopped'): void {
    this.#dispatch({ type: 'STOP', reason });
  }

  /** Stops at once and without a word, since another gateway goes on. Resolves as `stopped` does. */
  move(): Promise<SessionEnd> {
    return this.cleanup(movedReason);
  }

  /** Stops at once because of a failure outside of the session. */
  fail(error: GatewayError): void {
    if (this.phase === 'running') this.#dispatch({ type: 'FAILED', error });
    else this.#dispatch({ type: 'ABORT', reason: error.code });
  }

  /** Stops at once; what is not transcribed yet is shed with `reason`. Resolves as `stopped` does. */
  cleanup(reason: string): Promise<SessionEnd> {
    this.#dispatch({ type: 'ABORT', reason });
    return this.stopped;
  }

  /** Sends an event as the next one of this session. */
  emit(event: SessionEvent): void {
    this.#seq++;
    this.#send({ ...event, session_id: this.sessionId, seq: this.#seq } as NumberedEvent);
  }

  /** A stopped actor takes no events, and complains about them. */
  #dispatch(event: AudioProcessorEvent): void {
    if (this.#actor.getSnapshot().status === 'active') this.#actor.send(event);
  }

  /** The invoked child of RUNNING; what it returns is called on every way out of that state. */
  #runPipeline(receive: (listener: (event: { type: 'END_INPUT' }) => void) => void): () => void {
    const intake = this.#intake as AudioIntake;
    const abort = new AbortController();
    let pipeline: Pipeline | undefined;
    receive(() => intake.end());
    const run = async () => {
      pipeline = await this.#openPipeline(intake, abort.signal);
      if (abort.signal.aborted) return;
      this.#pipeline = pipeline;
      // What the client changed while it was opened.
      const { endpoint_ms } = this.#request as StartTranscription;
      if (endpoint_ms !== undefined) pipeline.setEndpoint(endpoint_ms);
      if (this.#finalizeFirst) pipeline.finalize();
      this.#dispatch({ type: 'READY' });
      this.#emitStarted();
      const { from } = this.#how;
      if (from) pipeline.sendProgress(intake.goOn());
      await pipeline.run(
        from && { transcription: from.checkpoint.transcription, audio: from.audio },
      );
      this.#dispatch({ type: 'DRAINED' });
    };
    const ran = run().catch((error: unknown) => {
      if (abort.signal.aborted) return;
      this.#dispatch({ type: 'FAILED', error: GatewayError.from(error) });
    });
    return () => {
      abort.abort();
      // Opening may still be under way; what it opens is closed as well.
      this.#pipelineClosed = Promise.all([intake.close(), pipeline?.close()])
        .then(() => ran)
        .then(() => pipeline?.close());
    };
  }

  async #openPipeline(intake: AudioIntake, signal: AbortSignal): Promise<Pipeline> {
    const { model } = this.#request as StartTranscription;
    const onLoading = (name: string) => this.emit({ type: 'model_loading_started', model: name });
    const lease = await this.#deps.leaseModel(model, { signal, onLoading });
    this.#model = lease;
    const submit: SubmitWindow = (window, ...how) =>
      this.#deps.submit({ ...window, model: lease.model }, ...how);
    const emit = (event: SessionEvent) => this.emit(event);
    const warn = this.#deps.log.warn.bind(this.#deps.log);
    const { sessionId } = this;
    const { from, keepAudio } = this.#how;
    const own = { submit, intake, ledger: this.#ledger, emit, warn, sessionId, keepAudio };
    const shared = { ...this.#deps, ...own };
    const settings = settingsOf(this.#request as StartTranscription, this.#options.chineseScript);
    const transcriber = new Transcriber(
      shared,
      { ...settings, postProcessor: this.#postProcessor },
      from?.checkpoint.transcription,
    );
    this.#transcriber = transcriber;
    return Pipeline.open({ ...shared, transcriber }, this.#options);
  }

  #emitStarted(): void {
    const { model, device } = (this.#model as ModelLease).engine.info;
    const language = (this.#request as StartTranscription).language;
    this.emit({
      type: 'transcription_started',
      model,
      device,
      language,
      started_at: this.#startedAt,
      ...(this.#how.resumeToken && { resume_token: this.#how.resumeToken }),
    });
  }

  async #end(): Promise<SessionEnd> {
    const { reason, failure } = this.#actor.getSnapshot().context;
    await this.#pipelineClosed;
    this.#model?.release();
    const { log, metrics } = this.#deps;
    const code = failure?.code ?? reason;
    if (code === movedReason) {
      log.info({ reason: code }, 'session goes on in another gateway');
      return { reason, error: null, ledger: this.#ledger.report() };
    }
    const ledger = closeLedger(this.#ledger, code, {
      emit: (event) => this.emit(event),
      error: log.error.bind(log),
      onImbalance: metrics.unbalanced,
    });
    const end = { reason, error: failure, ledger };
    log.info({ reason: code, cause: failure?.cause, ledger }, 'session stopped');
    if (failure) metrics.failed(failure.code);
    if (this.#seq > 0) metrics.stopped(code, ledger);
    this.#emitEnd(end);
    return end;
  }

  #emitEnd({ reason, error, ledger }: SessionEnd): void {
    if (this.#seq === 0) return;
    if (error) this.emit({ ...failedEvent(error, true), ledger });
    else this.emit({ type: 'transcription_stopped', reason, ledger });
  }

  get #state(): SessionFigures['state'] {
    const { phase } = this;
    if (phase !== 'running') return phase;
    if (this.ending) return 'draining';
    return this.#pipeline ? 'streaming' : 'starting';
  }

  #notRunning(): GatewayError {
    return new GatewayError(this.phase === 'idle' ? 'not_started' : 'session_stopped');
  }
}
