import {
  type AudioFormat,
  type CreateDecoder,
  type Decoder,
  msToSamples,
  type RawLayout,
  rawLayout,
  samplesToMs,
} from '../audio/index.js';

/** Samples with their place on the session's clock. */
export interface PlacedAudio {
  readonly start: number;
  readonly samples: Int16Array;
}

/** Where a client that was cut off goes on with the recording it was sending. */
export interface IntakePosition {
  /** Bytes of that recording that need not be sent again. */
  readonly bytes: number;
  /** The same on the session's clock; null for containers, whose bytes say nothing about time. */
  readonly ms: number | null;
}

/** Where a recording goes on whose beginning another gateway has heard. */
export interface IntakeStart {
  /** The first sample that comes. */
  readonly at: number;
  /** Where the recording begins on the session's clock. */
  readonly recordingStartMs: number;
}

export interface IntakeOptions {
  readonly createDecoder: CreateDecoder;
  readonly audio: AudioFormat;
  /** Bytes kept for a decoder that is not open yet, or busy, from which `write` asks for a pause. */
  readonly maxEarlyAudioBytes: number;
  readonly warn: (fields: object, message: string) => void;
  /** Samples were read, `delayMs` after the first bytes that came since the samples before them. */
  readonly onDecoded: (delayMs: number) => void;
  /** @default a recording that begins with the session */
  readonly from?: IntakeStart | undefined;
}

/** One container, or one stream of samples. */
interface Recording {
  /** 0, 1, 2 … within the session. */
  readonly number: number;
  readonly start: number;
  readonly decoder: Decoder;
}

/** What the decoder could not be given yet. */
type Waiting = Uint8Array | { readonly restartAt: number } | 'end';

/**
 * Takes a session's bytes from its first moment on, before a decoder is open, and gives decoded audio
 * with its place on the session's clock. Where a client comes back with a new recording, another
 * decoder follows the one before it.
 */
export class AudioIntake {
  /** Ends with the last recording; throws as `Decoder.output` does. May be read once. */
  readonly output: AsyncIterable<PlacedAudio> = this.#read();
  readonly #options: IntakeOptions;
  readonly #layout: RawLayout | undefined;
  readonly #closing = new AbortController();
  readonly #waiting: Waiting[] = [];
  #waitingBytes = 0;
  /** Whether bytes have to wait: nothing is open yet, or what waits is being handed on. */
  #busy = true;
  #wakeWriters: (() => void)[] = [];
  #current: Recording | undefined;
  /** Opened and not read yet. */
  readonly #unread: Recording[] = [];
  #wakeReader = () => {};
  #failure: { readonly error: unknown } | undefined;
  readonly #decoders = new Set<Decoder>();
  /** The newest recording there is, or will be once its turn comes. */
  #newest = 0;
  /** Where it starts on the session's clock, and how many bytes of it came. */
  #startMs = 0;
  #bytes = 0;
  /** Bytes that will come a second time. */
  #repeated = 0;
  /** When the first bytes came of which no samples were seen yet, by `performance.now()`. */
  #undecodedSince: number | undefined;

  constructor(options: IntakeOptions) {
    this.#options = options;
    this.#layout = rawLayout(options.audio);
    const { from } = options;
    if (!from) return;
    this.#startMs = from.recordingStartMs;
    this.#bytes = this.#bytesUntil(samplesToMs(from.at) - from.recordingStartMs);
  }

  /** Where the recording that is being sent begins on the session's clock. */
  get recordingStartMs(): number {
    return this.#startMs;
  }

  /**
   * Opens the first decoder.
   * @throws GatewayError as `CreateDecoder` does.
   */
  async open(): Promise<void> {
    await this.#openDecoder(0, this.#options.from?.at ?? 0);
    void this.#handOn();
  }

  /** Takes bytes, in order; they are not changed afterwards. False asks to wait for `drained()`. */
  write(bytes: Uint8Array): boolean {
    const fresh = bytes.subarray(this.#repeated);
    this.#repeated -= bytes.length - fresh.length;
    this.#bytes += fresh.length;
    this.#undecodedSince ??= performance.now();
    if (this.#closing.signal.aborted) return true;
    if (!this.#busy && this.#current) return this.#current.decoder.write(fresh);
    this.#waiting.push(fresh);
    this.#waitingBytes += fresh.length;
    return this.#waitingBytes < this.#options.maxEarlyAudioBytes;
  }

  /** Resolves when more may be written. Never rejects. */
  async drained(): Promise<void> {
    if (this.#busy) await new Promise<void>((resolve) => this.#wakeWriters.push(resolve));
    await this.#current?.decoder.drained();
  }

  /** No more bytes come. */
  end(): void {
    this.#add('end');
  }

  /** What is written from now on is a new recording, which begins at `startMs` on the session's clock. */
  restart(startMs: number): void {
    this.#newest++;
    this.#startMs = startMs;
    this.#bytes = 0;
    this.#repeated = 0;
    this.#add({ restartAt: msToSamples(startMs) });
  }

  /**
   * Where a client that was cut off goes on. Of raw samples that is a whole millisecond, so that a
   * client may count either way; what it repeats by that is left out.
   */
  goOn(): IntakePosition {
    if (!this.#layout) return { bytes: this.#bytes, ms: null };
    const { frameBytes, sampleRate } = this.#layout;
    const ms = Math.floor((Math.floor(this.#bytes / frameBytes) * 1_000) / sampleRate);
    const bytes = this.#bytesUntil(ms);
    this.#repeated = this.#bytes - bytes;
    return { bytes, ms: this.#startMs + ms };
  }

  /** Ends every decoder, and resolves when no process is left. Idempotent. Never rejects. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#waiting.length = 0;
    this.#release();
    this.#wakeReader();
    await Promise.all([...this.#decoders].map((decoder) => decoder.close()));
  }

  /** Bytes of the recording's first `ms`; 0 for containers, whose bytes say nothing about time. */
  #bytesUntil(ms: number): number {
    if (!this.#layout) return 0;
    const { frameBytes, sampleRate } = this.#layout;
    return Math.round((ms * sampleRate) / 1_000) * frameBytes;
  }

  #add(entry: Waiting): void {
    this.#waiting.push(entry);
    if (!this.#busy) void this.#handOn();
  }

  /** Hands on what waits, what is added meanwhile included. */
  async #handOn(): Promise<void> {
    this.#busy = true;
    try {
      for (let entry = this.#waiting.shift(); entry; entry = this.#waiting.shift()) {
        const decoder = this.#current?.decoder;
        if (entry === 'end') decoder?.end();
        else if (!(entry instanceof Uint8Array)) await this.#replace(entry.restartAt);
        else {
          this.#waitingBytes -= entry.length;
          if (decoder && !decoder.write(entry)) await decoder.drained();
        }
      }
    } catch (error) {
      this.#failure = { error };
      this.#wakeReader();
    }
    this.#release();
  }

  #release(): void {
    this.#busy = false;
    for (const wake of this.#wakeWriters.splice(0)) wake();
  }

  async #replace(start: number): Promise<void> {
    const before = this.#current;
    before?.decoder.end();
    await this.#openDecoder((before?.number ?? 0) + 1, start);
  }

  async #openDecoder(number: number, start: number): Promise<void> {
    const { createDecoder, audio } = this.#options;
    const decoder = await createDecoder(audio, this.#closing.signal);
    this.#decoders.add(decoder);
    if (this.#closing.signal.aborted) return decoder.close();
    this.#current = { number, start, decoder };
    this.#unread.push(this.#current);
    this.#wakeReader();
  }

  async *#read(): AsyncGenerator<PlacedAudio> {
    for (;;) {
      const recording = await this.#nextRecording();
      if (!recording) return;
      try {
        for await (const audio of placed(recording)) {
          this.#noteDecoded();
          yield audio;
        }
      } catch (error) {
        // Where a recording was given up it may be cut off anywhere, even in its header.
        if (recording.number === this.#newest) throw error;
        this.#options.warn({ error }, 'a recording that was given up is damaged');
      }
      await recording.decoder.close();
      this.#decoders.delete(recording.decoder);
      if (recording.number === this.#newest) return;
    }
  }

  #noteDecoded(): void {
    if (this.#undecodedSince === undefined) return;
    this.#options.onDecoded(performance.now() - this.#undecodedSince);
    this.#undecodedSince = undefined;
  }

  /** The next one to read; undefined once closed. */
  async #nextRecording(): Promise<Recording | undefined> {
    for (;;) {
      if (this.#closing.signal.aborted) return undefined;
      if (this.#failure) throw this.#failure.error;
      const next = this.#unread.shift();
      if (next) return next;
      await new Promise<void>((resolve) => {
        this.#wakeReader = resolve;
      });
    }
  }
}

async function* placed({ start, decoder }: Recording): AsyncGenerator<PlacedAudio> {
  let at = start;
  for await (const samples of decoder.output) {
    yield { start: at, samples };
    at += samples.length;
  }
}
