import { GatewayError } from '../errors/index.js';
import type { Decoder } from './decoder.js';
import { drained } from './drained.js';
import { ffmpegArguments } from './ffmpeg-arguments.js';
import { FfmpegChild, type FfmpegExit } from './ffmpeg-child.js';
import type { FoundFfmpeg } from './ffmpeg-path.js';
import type { FfmpegInput } from './input-format.js';
import { samplesFromBytes } from './samples-from-bytes.js';

/** What the decoders need of the gateway's logger. */
export interface DecoderLog {
  debug(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

export interface FfmpegOptions {
  readonly ffmpeg: FoundFfmpeg;
  /** Milliseconds in which ffmpeg may take no input while its output is being read. */
  readonly decoderStallMs: number;
  /** Called with 1 when a child has started and with −1 when it is gone. */
  readonly onChild?: ((change: 1 | -1) => void) | undefined;
  readonly log: DecoderLog;
}

/** ffmpeg leaves with this code after a signal that it could answer. */
const exitAfterSignal = 255;

/** Audio of any format to PCM, by a child of ffmpeg. */
export class FfmpegDecoder implements Decoder {
  readonly output: AsyncIterable<Int16Array> = this.#read();
  /** Resolves when the child runs; rejects with `decoder_crashed` where it cannot be started. */
  readonly spawned: Promise<void>;
  readonly #options: FfmpegOptions;
  readonly #child: FfmpegChild;
  readonly #stallTimer: NodeJS.Timeout;
  #samples = 0;
  #written = false;
  #ended = false;
  #readerWaits = false;
  #failure: GatewayError | undefined;
  #closed = false;

  /**
   * @param file Descriptor to read instead of what is written; stays the caller's to close.
   * @throws GatewayError `decoder_crashed` where the system refuses another process.
   */
  constructor(input: FfmpegInput, options: FfmpegOptions, file?: number) {
    this.#options = options;
    this.#ended = this.#written = file !== undefined;
    this.#child = this.#start(ffmpegArguments(input), file);
    this.spawned = this.#child.spawned.catch((cause) => {
      throw new GatewayError('decoder_crashed', { cause });
    });
    this.spawned.catch(() => {});
    this.#stallTimer = setTimeout(() => this.#onStallTimer(), options.decoderStallMs);
    this.#stallTimer.unref();
  }

  write(bytes: Uint8Array): boolean {
    const { stdin } = this.#child;
    if (this.#ended || bytes.length === 0 || !stdin?.writable) return true;
    this.#written = true;
    if (stdin.writableLength === 0) this.#stallTimer.refresh();
    return stdin.write(bytes, () => this.#stallTimer.refresh());
  }

  drained(): Promise<void> {
    const { stdin } = this.#child;
    return stdin ? drained(stdin) : Promise.resolve();
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#child.stdin?.end();
  }

  close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#stallTimer);
    return this.#child.close();
  }

  async *#read(): AsyncGenerator<Int16Array> {
    const toSamples = samplesFromBytes();
    try {
      this.#onReaderWaits();
      for await (const bytes of this.#child.stdout ?? []) {
        this.#readerWaits = false;
        const samples = toSamples(bytes);
        this.#samples += samples.length;
        if (samples.length > 0) yield samples;
        this.#onReaderWaits();
      }
    } catch {
      // A broken pipe is either our own doing or explained by the exit.
    }
    const failure = this.#explain(await this.#child.exited);
    if (failure) throw failure;
  }

  /** What an exit means to the reader: nothing, or a failure. */
  #explain({ code, signal, error }: FfmpegExit): GatewayError | undefined {
    if (this.#failure) return this.#failure;
    if (this.#closed) return undefined;
    const cause = error ?? `exit ${code ?? signal}: ${this.#child.lastWords}`;
    if (error || signal || code === exitAfterSignal) {
      return new GatewayError('decoder_crashed', { cause });
    }
    // Without a byte ffmpeg complains about its input; an empty stream is an empty transcript to us.
    if (code === 0 || !this.#written) return undefined;
    if (this.#samples === 0) return new GatewayError('not_audio', { cause });
    if (!this.#ended) return new GatewayError('decoder_crashed', { cause });
    this.#options.log.warn({ cause }, 'audio was damaged at its end');
    return undefined;
  }

  #start(args: string[], file: number | undefined): FfmpegChild {
    const { ffmpeg, onChild, log } = this.#options;
    try {
      const child = new FfmpegChild({ ffmpeg, arguments: args, file, onChild });
      const { pid } = child;
      log.debug({ pid }, 'decoder started');
      void child.exited.then(({ code, signal }) => {
        clearTimeout(this.#stallTimer);
        log.debug({ pid, code, signal }, 'decoder ended');
      });
      return child;
    } catch (cause) {
      throw new GatewayError('decoder_crashed', { cause });
    }
  }

  #onReaderWaits(): void {
    this.#readerWaits = true;
    this.#stallTimer.refresh();
  }

  /** Fires `decoderStallMs` after the last progress on either pipe. */
  #onStallTimer(): void {
    const stalled = this.#readerWaits && (this.#child.stdin?.writableLength ?? 0) > 0;
    if (!stalled) {
      this.#stallTimer.refresh();
      return;
    }
    this.#failure = new GatewayError('decoder_stalled', { cause: this.#child.lastWords });
    void this.close();
  }
}
