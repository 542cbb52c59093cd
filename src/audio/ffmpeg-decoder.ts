import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { GatewayError } from '../errors/index.js';
import type { Decoder } from './decoder.js';
import { drained } from './drained.js';
import { ffmpegArguments } from './ffmpeg-arguments.js';
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

/** Between SIGTERM and SIGKILL. */
const killDelayMs = 500;

/** Characters of ffmpeg's last words that are kept. */
const maxLastWords = 2_000;

/** ffmpeg leaves with this code after a signal that it could answer. */
const exitAfterSignal = 255;

interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Why it could not be started at all. */
  readonly error?: Error;
}

/**
 * One ffmpeg child. It reads a pipe and ends with it, so it also ends when this process is killed.
 * Its environment is empty: it works on untrusted bytes and has no use for our keys.
 */
export class FfmpegDecoder implements Decoder {
  readonly output: AsyncIterable<Int16Array> = this.#read();
  /** Resolves when the child runs; rejects with `decoder_crashed` where it cannot be started. */
  readonly spawned: Promise<void>;
  readonly #options: FfmpegOptions;
  readonly #child: ChildProcess;
  readonly #stdin: Writable | null;
  readonly #exited: Promise<Exit>;
  readonly #stallTimer: NodeJS.Timeout;
  #lastWords = '';
  #samples = 0;
  #written = false;
  #ended = false;
  #readerWaits = false;
  #failure: GatewayError | undefined;
  #closing: Promise<void> | undefined;

  /**
   * @param file Descriptor to read instead of what is written; stays the caller's to close.
   * @throws GatewayError `decoder_crashed` where the system refuses another process.
   */
  constructor(input: FfmpegInput, options: FfmpegOptions, file?: number) {
    this.#options = options;
    this.#ended = this.#written = file !== undefined;
    const child = start(options.ffmpeg.path, ffmpegArguments(input), file);
    this.#child = child;
    // Null for a file, and without any pipe where descriptors have run out.
    this.#stdin = child.stdin ?? null;
    this.#exited = this.#watch(child);
    this.spawned = new Promise((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', (cause) => reject(new GatewayError('decoder_crashed', { cause })));
    });
    this.spawned.catch(() => {});
    this.#stallTimer = setTimeout(() => this.#onStallTimer(), options.decoderStallMs);
    this.#stallTimer.unref();
  }

  write(bytes: Uint8Array): boolean {
    const stdin = this.#stdin;
    if (this.#ended || bytes.length === 0 || !stdin?.writable) return true;
    this.#written = true;
    if (stdin.writableLength === 0) this.#stallTimer.refresh();
    return stdin.write(bytes, () => this.#stallTimer.refresh());
  }

  drained(): Promise<void> {
    return this.#stdin ? drained(this.#stdin) : Promise.resolve();
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#stdin?.end();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    clearTimeout(this.#stallTimer);
    for (const pipe of this.#child.stdio ?? []) pipe?.destroy();
    this.#child.kill('SIGTERM');
    const late = setTimeout(() => this.#child.kill('SIGKILL'), killDelayMs);
    await this.#exited;
    clearTimeout(late);
  }

  async *#read(): AsyncGenerator<Int16Array> {
    const toSamples = samplesFromBytes();
    const stdout = this.#child.stdout as Readable | undefined;
    try {
      this.#onReaderWaits();
      for await (const bytes of stdout ?? []) {
        this.#readerWaits = false;
        const samples = toSamples(bytes);
        this.#samples += samples.length;
        if (samples.length > 0) yield samples;
        this.#onReaderWaits();
      }
    } catch {
      // A broken pipe is either our own doing or explained by the exit.
    }
    const failure = this.#explain(await this.#exited);
    if (failure) throw failure;
  }

  /** What an exit means to the reader: nothing, or a failure. */
  #explain({ code, signal, error }: Exit): GatewayError | undefined {
    if (this.#failure) return this.#failure;
    if (this.#closing !== undefined) return undefined;
    const cause = error ?? `exit ${code ?? signal}: ${this.#lastWords.trim()}`;
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

  #watch(child: ChildProcess): Promise<Exit> {
    const { onChild, log } = this.#options;
    child.once('spawn', () => {
      onChild?.(1);
      log.debug({ pid: child.pid }, 'decoder started');
    });
    child.once('exit', (code, signal) => {
      clearTimeout(this.#stallTimer);
      onChild?.(-1);
      log.debug({ pid: child.pid, code, signal }, 'decoder ended');
    });
    for (const pipe of child.stdio ?? []) {
      // EPIPE and ECONNRESET say no more than the exit that follows.
      pipe?.on('error', () => {});
    }
    child.stderr?.setEncoding('utf8').on('data', (words: string) => {
      this.#lastWords = (this.#lastWords + words).slice(-maxLastWords);
    });
    // Node throws away what nobody has begun to read when a child exits; a listener is a reader to it.
    child.stdout?.on('readable', () => {});
    return new Promise((resolve) => {
      child.once('close', (code, signal) => resolve({ code, signal }));
      child.on('error', (error) => {
        if (child.pid === undefined) resolve({ code: null, signal: null, error });
      });
    });
  }

  #onReaderWaits(): void {
    this.#readerWaits = true;
    this.#stallTimer.refresh();
  }

  /** Fires `decoderStallMs` after the last progress on either pipe. */
  #onStallTimer(): void {
    const stalled = this.#readerWaits && (this.#stdin?.writableLength ?? 0) > 0;
    if (!stalled) {
      this.#stallTimer.refresh();
      return;
    }
    this.#failure = new GatewayError('decoder_stalled', { cause: this.#lastWords.trim() });
    void this.close();
  }
}

function start(path: string, args: string[], file: number | undefined): ChildProcess {
  const stdin = file === undefined ? 'pipe' : 'ignore';
  try {
    // A terminal's Ctrl-C goes to its whole process group, and would end audio that is still to be drained.
    return spawn(path, args, { stdio: [stdin, 'pipe', 'pipe', file], env: {}, detached: true });
  } catch (cause) {
    throw new GatewayError('decoder_crashed', { cause });
  }
}
