import { type ActorRefFrom, createActor, fromCallback } from 'xstate';
import type { AudioFormat, ChunkerOptions } from '../audio/index.js';
import type { SubmitWindow } from '../decoding/index.js';
import { GatewayError } from '../errors/index.js';
import type { LeaseModel, ModelLease } from '../models/index.js';
import { asHeard, type ChoosePostProcessor, type PostProcessor } from '../post-processing/index.js';
import type { Configure, Ledger, SessionEvent, StartTranscription } from '../protocol/index.js';
import type { ChineseScript } from '../transcript/index.js';
import { AudioLedger } from './audio-ledger.js';
import {
  type AudioProcessorEvent,
  audioProcessorMachine,
  type Deadlines,
} from './audio-processor-machine.js';
import { EarlyAudio } from './early-audio.js';
import { Pipeline, type PipelineDependencies } from './pipeline.js';
import { Transcriber, type TranscriberDependencies } from './transcriber.js';

/** The parts a session is made of, shared by all of them. */
export interface AudioProcessorDependencies
  extends Pick<PipelineDependencies, 'createDecoder' | 'createVoiceActivity'>,
    Pick<TranscriberDependencies, 'submit' | 'metrics'> {
  readonly postProcessing: ChoosePostProcessor;
  /** Keeps the session's model loaded. */
  readonly leaseModel: LeaseModel;
  readonly log: SessionLog;
}

/** A session's own logger. */
export interface SessionLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
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
  readonly #ledger = new AudioLedger();
  readonly #early: EarlyAudio;
  #request: StartTranscription | undefined;
  #postProcessor: PostProcessor = asHeard;
  #model: ModelLease | undefined;
  #transcriber: Transcriber | undefined;
  #pipeline: Pipeline | undefined;
  #pipelineClosed: Promise<void> = Promise.resolve();
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
    this.#early = new EarlyAudio(options.maxEarlyAudioBytes);
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

  /**
   * Begins; while RUNNING it only says again that the session has started.
   * @throws GatewayError `session_stopped` once STOPPED; `resume_unknown`, because no session outlives
   *   its socket; `bad_field` where there is no such post-processing profile.
   */
  start(request: StartTranscription): void {
    if (this.phase === 'stopped') throw new GatewayError('session_stopped');
    if (request.resume) throw new GatewayError('resume_unknown');
    if (this.phase === 'running') {
      if (this.#pipeline) this.#emitStarted();
      return;
    }
    this.#postProcessor = this.#deps.postProcessing(request.post_processing);
    this.#request = request;
    this.#startedAt = Date.now();
    this.emit({ type: 'transcription_starting' });
    this.#dispatch({ type: 'START' });
  }

  /**
   * Takes audio. False asks the caller to read no more until `drained()`.
   * @throws GatewayError `not_started` or `session_stopped`.
   */
  write(bytes: Uint8Array): boolean {
    if (this.phase !== 'running') throw this.#notRunning();
    if (this.#pipeline && this.#early.empty) return this.#pipeline.write(bytes);
    return this.#early.push(bytes);
  }

  async drained(): Promise<void> {
    await this.#early.emptied;
    await this.#pipeline?.drained();
  }

  /** @throws GatewayError `not_started`, `session_stopped` or, changing nothing, `bad_field`. */
  configure(change: Configure): void {
    if (this.phase !== 'running') throw this.#notRunning();
    if (change.post_processing !== undefined) {
      this.#postProcessor = this.#deps.postProcessing(change.post_processing);
      this.#transcriber?.configure({ postProcessor: this.#postProcessor });
    }
    if (change.endpoint_ms !== undefined) this.#pipeline?.setEndpoint(change.endpoint_ms);
    this.#transcriber?.configure({
      ...(change.language !== undefined && { language: change.language }),
      ...(change.prompt !== undefined && { prompt: change.prompt }),
      ...(change.hotwords !== undefined && { hotwords: change.hotwords }),
      ...(change.interim_results !== undefined && { interimResults: change.interim_results }),
    });
  }

  /** @throws GatewayError `not_started` or `session_stopped`. */
  finalize(): void {
    if (this.phase !== 'running') throw this.#notRunning();
    this.#pipeline?.finalize();
  }

  /** No more audio comes: finishes what was heard, then stops. */
  stop(reason = 'client_stopped'): void {
    this.#dispatch({ type: 'STOP', reason });
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
    const abort = new AbortController();
    let pipeline: Pipeline | undefined;
    // Registered before READY can lead to draining, which sends it.
    receive(() => void this.#early.emptied.then(() => pipeline?.endInput()));
    const run = async () => {
      pipeline = await this.#openPipeline(abort.signal);
      if (abort.signal.aborted) return;
      this.#pipeline = pipeline;
      this.#dispatch({ type: 'READY' });
      this.#emitStarted();
      void this.#early.drainInto(pipeline);
      await pipeline.run();
      this.#dispatch({ type: 'DRAINED' });
    };
    const ran = run().catch((error: unknown) => {
      if (!abort.signal.aborted)
        this.#dispatch({ type: 'FAILED', error: GatewayError.from(error) });
    });
    return () => {
      abort.abort();
      this.#early.clear();
      // Opening may still be under way; what it opens is closed as well.
      this.#pipelineClosed = Promise.resolve(pipeline?.close())
        .then(() => ran)
        .then(() => pipeline?.close());
    };
  }

  async #openPipeline(signal: AbortSignal): Promise<Pipeline> {
    const request = this.#request as StartTranscription;
    const onLoading = (model: string) => this.emit({ type: 'model_loading_started', model });
    const lease = await this.#deps.leaseModel(request.model, { signal, onLoading });
    this.#model = lease;
    const submit: SubmitWindow = (window, ...how) =>
      this.#deps.submit({ ...window, model: lease.model }, ...how);
    const emit = (event: SessionEvent) => this.emit(event);
    const warn = this.#deps.log.warn.bind(this.#deps.log);
    const own = { submit, ledger: this.#ledger, emit, warn, sessionId: this.sessionId };
    const shared = { ...this.#deps, ...own };
    const transcriber = new Transcriber(shared, {
      language: request.language,
      task: request.task,
      prompt: request.prompt,
      hotwords: request.hotwords,
      chineseScript: request.chinese_script ?? this.#options.chineseScript,
      interimResults: request.interim_results,
      wordTimestamps: request.word_timestamps,
      stableFinals: request.stable_finals,
      postProcessor: this.#postProcessor,
    });
    this.#transcriber = transcriber;
    const { chunker, maxLagMs, progressIntervalMs } = this.#options;
    const endpointMs = request.endpoint_ms ?? chunker.endpointMs;
    return Pipeline.open(
      { ...shared, transcriber },
      {
        audio: audioFormat(request),
        chunker: { ...chunker, endpointMs },
        maxLagMs,
        progressIntervalMs,
      },
      signal,
    );
  }

  #emitStarted(): void {
    const { model, device } = (this.#model as ModelLease).engine.info;
    const language = (this.#request as StartTranscription).language;
    const started_at = this.#startedAt;
    this.emit({ type: 'transcription_started', model, device, language, started_at });
  }

  async #end(): Promise<SessionEnd> {
    const { reason, failure } = this.#actor.getSnapshot().context;
    await this.#pipelineClosed;
    this.#model?.release();
    this.#ledger.close(failure?.code ?? reason);
    const end = { reason, error: failure, ledger: this.#ledger.report() };
    this.#deps.log.info(
      { reason: failure?.code ?? reason, cause: failure?.cause, ledger: end.ledger },
      'session stopped',
    );
    if (this.#seq > 0) this.#deps.metrics.stopped(failure?.code ?? reason, end.ledger);
    this.#emitEnd(end);
    return end;
  }

  #emitEnd({ reason, error, ledger }: SessionEnd): void {
    if (this.#seq === 0) return;
    if (!error) {
      this.emit({ type: 'transcription_stopped', reason, ledger });
      return;
    }
    this.emit({
      type: 'transcription_failed',
      code: error.code,
      message: error.message,
      retryable: error.retryable,
      ...(error.retryAfterMs !== undefined && { retry_after_ms: error.retryAfterMs }),
      fatal: true,
      ledger,
    });
  }

  #notRunning(): GatewayError {
    return new GatewayError(this.phase === 'idle' ? 'not_started' : 'session_stopped');
  }
}

function audioFormat({ audio }: StartTranscription): AudioFormat {
  return { format: audio.format, sampleRate: audio.sample_rate, channels: audio.channels };
}
