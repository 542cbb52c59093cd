import {
  Chunker,
  type ChunkerEvent,
  type ChunkerOptions,
  type CreateVoiceActivity,
  concatPcm,
  frameSamples,
  msToSamples,
  samplesToMs,
  type VoiceActivity,
} from '../audio/index.js';
import type { SessionEvent } from '../protocol/index.js';
import type { AudioIntake, IntakePosition, PlacedAudio } from './audio-intake.js';
import type { AudioLedger } from './audio-ledger.js';
import type { TranscriberState } from './kept/checkpoint.js';
import { replayKept } from './kept/replay-kept.js';
import type { Transcriber } from './transcriber.js';

export interface PipelineDependencies {
  readonly intake: AudioIntake;
  readonly createVoiceActivity: CreateVoiceActivity;
  readonly transcriber: Transcriber;
  readonly ledger: AudioLedger;
  readonly emit: (event: SessionEvent) => void;
  /** Told of audio as it is heard. */
  readonly keepAudio?: ((audio: PlacedAudio) => void) | undefined;
}

/** What another gateway had heard and not finished. */
export interface Unfinished {
  readonly transcription: TranscriberState;
  /** Behind the ledger's safe sample, in order. */
  readonly audio: readonly PlacedAudio[];
}

export interface PipelineOptions {
  readonly chunker: ChunkerOptions;
  /** Audio in unanswered final windows beyond which no more is taken from the decoder. */
  readonly maxLagMs: number;
  readonly progressIntervalMs: number;
}

/** Longest piece that is judged at once, so that an end or an abort is never far away. */
const pieceSamples = 32 * frameSamples;
/** `finalize` waits until the decoder was quiet for this long, so that all that was sent is heard. */
const finalizeQuietMs = 120;
/** And no longer than this, where audio keeps flowing. */
const finalizeLatestMs = 600;

/**
 * One session's way from bytes to windows: intake → voice activity → chunker → transcriber.
 *
 * It pulls: what the engine cannot take yet stays in the decoder, whose full pipe holds the socket back.
 */
export class Pipeline {
  readonly #voiceActivity: VoiceActivity;
  readonly #chunker: Chunker;
  readonly #deps: PipelineDependencies;
  readonly #options: PipelineOptions;
  readonly #progressTimer: NodeJS.Timeout;
  #lastProgress = '';
  /** When `finalize` was asked for, by `performance.now()`. */
  #finalizeAskedAt: number | undefined;
  #wakePump: (() => void) | undefined;
  /** Samples that make no whole frame yet. */
  #rest: Int16Array = new Int16Array(0);
  #closed: Promise<void> | undefined;

  /**
   * Opens a ready pipeline.
   * @throws GatewayError as `AudioIntake.open` and `CreateVoiceActivity` do; nothing is left open then.
   */
  static async open(deps: PipelineDependencies, options: PipelineOptions): Promise<Pipeline> {
    const [intake, voiceActivity] = await Promise.allSettled([
      deps.intake.open(),
      deps.createVoiceActivity(),
    ]);
    if (intake.status === 'fulfilled' && voiceActivity.status === 'fulfilled') {
      return new Pipeline(deps, options, voiceActivity.value);
    }
    await deps.intake.close();
    if (voiceActivity.status === 'fulfilled') await voiceActivity.value.close();
    throw intake.status === 'rejected'
      ? intake.reason
      : (voiceActivity as PromiseRejectedResult).reason;
  }

  private constructor(
    deps: PipelineDependencies,
    options: PipelineOptions,
    voiceActivity: VoiceActivity,
  ) {
    this.#deps = deps;
    this.#options = options;
    this.#voiceActivity = voiceActivity;
    this.#chunker = new Chunker(options.chunker);
    this.#progressTimer = setInterval(() => this.sendProgress(), options.progressIntervalMs);
  }

  setEndpoint(endpointMs: number): void {
    this.#chunker.configure({ endpointMs });
  }

  /** Finishes the utterance of what was sent so far, once that is decoded. */
  finalize(): void {
    this.#finalizeAskedAt ??= performance.now();
    this.#wakePump?.();
  }

  /** Audio that was received and is not answered yet, in milliseconds. */
  get lagMs(): number {
    return samplesToMs(this.#deps.ledger.received - this.#processed);
  }

  /**
   * Says how far the session is, unless that was the last thing said.
   * @param goOn Where a client that came back goes on.
   */
  sendProgress(goOn?: IntakePosition): void {
    const { ledger } = this.#deps;
    const receivedMs = goOn?.ms ?? samplesToMs(ledger.received);
    const processedMs = samplesToMs(this.#processed);
    const progress = {
      received_ms: receivedMs,
      processed_ms: processedMs,
      safe_ms: samplesToMs(ledger.safe),
      lag_ms: Math.max(0, receivedMs - processedMs),
      ...(goOn && { received_bytes: goOn.bytes }),
    };
    const text = JSON.stringify(progress);
    if (!goOn && text === this.#lastProgress) return;
    this.#lastProgress = text;
    this.#deps.emit({ type: 'progress', ...progress });
  }

  /**
   * Runs until all audio is decoded and every final is answered.
   * @param unfinished Is dealt with first.
   * @throws GatewayError of the decoder or of voice activity.
   */
  async run(unfinished?: Unfinished): Promise<void> {
    if (unfinished) await this.#finish(unfinished);
    const output = this.#deps.intake.output[Symbol.asyncIterator]();
    let next = output.next();
    for (;;) {
      const result = await this.#nextOrFinalize(next);
      if (result === 'finalize') {
        this.#finalizeAskedAt = undefined;
        this.#handle(this.#chunker.finalize());
        continue;
      }
      if (result.done) break;
      this.#rest = await this.#take(result.value, this.#rest);
      await this.#waitForEngine();
      next = output.next();
    }
    this.#handle(this.#chunker.flush(this.#rest));
    await this.#deps.transcriber.settled();
    this.sendProgress();
  }

  /** Ends decoder and voice activity; cancels what waits for the engine. Idempotent. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  /** Everything before this sample was answered, or needs no answer. */
  get #processed(): number {
    const { ledger, transcriber } = this.#deps;
    // Silence is passed on in steps; until someone speaks nothing else is left to do.
    return this.#chunker.speaking ? transcriber.processed : ledger.received - ledger.pending;
  }

  async #close(): Promise<void> {
    clearInterval(this.#progressTimer);
    this.#deps.transcriber.close();
    await Promise.all([this.#deps.intake.close(), this.#voiceActivity.close()]);
  }

  async #finish({ transcription, audio }: Unfinished): Promise<void> {
    const { ledger } = this.#deps;
    const { events, rest } = replayKept(this.#chunker, ledger.safe, transcription, audio);
    for (const event of events) {
      if (event.kind === 'silence') ledger.receive(event.end - event.start);
      if (event.kind === 'final') ledger.receive(event.window.pcm.length);
      this.#handle([event]);
    }
    let left: Int16Array = new Int16Array(0);
    for (const piece of rest) left = await this.#take(piece, left, false);
    this.#rest = left;
  }

  /** The decoder's next piece; or word that it was quiet long enough to finalize. */
  async #nextOrFinalize<T>(next: Promise<T>): Promise<T | 'finalize'> {
    for (;;) {
      const asked = this.#finalizeAskedAt;
      const waited = asked === undefined ? 0 : performance.now() - asked;
      if (waited >= finalizeLatestMs) return 'finalize';
      const woken = new Promise<'woken'>((resolve) => {
        this.#wakePump = () => resolve('woken');
      });
      let timer: NodeJS.Timeout | undefined;
      const quiet = new Promise<'finalize'>((resolve) => {
        if (asked !== undefined) timer = setTimeout(resolve, finalizeQuietMs, 'finalize');
      });
      const first = await Promise.race([next, woken, quiet]);
      clearTimeout(timer);
      this.#wakePump = undefined;
      if (first !== 'woken') return first;
    }
  }

  /** Adds a piece to what is left of the one before; returns the samples that are left then. */
  #take({ start, samples }: PlacedAudio, rest: Int16Array, isNew = true): Promise<Int16Array> {
    const { ledger, emit, keepAudio } = this.#deps;
    let before = rest;
    if (start > ledger.received) {
      this.#handle(this.#chunker.flush(rest));
      before = new Int16Array(0);
      const seconds = (samplesToMs(start - ledger.received) / 1_000).toFixed(1);
      emit({ type: 'warning', code: 'audio_shed', message: `${seconds} s of audio never came.` });
      ledger.gap(start);
      this.#chunker.skipTo(start);
    }
    // A new recording may begin before the end of the last one.
    const fresh = samples.subarray(ledger.received - start);
    if (isNew) keepAudio?.({ start: ledger.received, samples: fresh });
    ledger.receive(fresh.length);
    return this.#judge(concatPcm([before, fresh]));
  }

  /** Judges and cuts all whole frames; returns the samples that are left. */
  async #judge(audio: Int16Array): Promise<Int16Array> {
    const whole = audio.length - (audio.length % frameSamples);
    for (let start = 0; start < whole; start += pieceSamples) {
      const piece = audio.subarray(start, Math.min(start + pieceSamples, whole));
      const probabilities = await this.#voiceActivity.probabilities(piece);
      this.#handle(this.#chunker.write(piece, probabilities));
    }
    return audio.slice(whole);
  }

  #handle(events: readonly ChunkerEvent[]): void {
    for (const event of events) this.#deps.transcriber.handle(event);
  }

  async #waitForEngine(): Promise<void> {
    const limit = msToSamples(this.#options.maxLagMs);
    while (this.#deps.ledger.pending > limit && !this.#closed) {
      await this.#deps.transcriber.nextFinal();
    }
  }
}
