import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { drained, type FoundFfmpeg } from '../audio/index.js';
import { GatewayError } from '../errors/index.js';
import { type AudioFormat, encodings, outputRate } from './audio-format.js';

export interface EncoderOptions {
  readonly ffmpeg: FoundFfmpeg;
  readonly format: AudioFormat;
  /** Of the samples that come, in Hz. */
  readonly sampleRate: number;
  /** 0.5 to 2: how much faster than they came they are to be heard, at the same pitch. */
  readonly tempo: number;
  /** Called with 1 when a child has started and with −1 when it is gone. */
  readonly onChild: (change: 1 | -1) => void;
}

/** Between SIGTERM and SIGKILL. */
const killDelayMs = 500;

/** Characters of ffmpeg's last words that are kept. */
const maxLastWords = 2_000;

/** One ffmpeg child that takes samples and gives a file, from its first bytes on. */
export class Encoder {
  /** Ends with the file, or when the encoder is closed; throws `speech_failed` where ffmpeg does. */
  readonly output: AsyncIterable<Buffer> = this.#read();
  readonly #child: ChildProcess;
  readonly #exited: Promise<string | null>;
  #lastWords = '';
  #closing: Promise<void> | undefined;

  /** @throws GatewayError `speech_failed` where the system refuses another process. */
  constructor(options: EncoderOptions) {
    this.#child = start(options.ffmpeg.path, argumentsFor(options));
    this.#exited = this.#watch(options.onChild);
  }

  /** Resolves when more may be written, or nothing ever will be read again. */
  write(samples: Int16Array): Promise<void> {
    const stdin = this.#child.stdin as Writable;
    if (!stdin.writable) return Promise.resolve();
    stdin.write(new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength));
    return drained(stdin);
  }

  end(): void {
    this.#child.stdin?.end();
  }

  /** Idempotent. Never rejects. Resolves when the child is gone. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    for (const pipe of this.#child.stdio ?? []) pipe?.destroy();
    this.#child.kill('SIGTERM');
    const late = setTimeout(() => this.#child.kill('SIGKILL'), killDelayMs);
    await this.#exited;
    clearTimeout(late);
  }

  async *#read(): AsyncGenerator<Buffer> {
    try {
      for await (const bytes of this.#child.stdout as Readable) yield bytes;
    } catch {
      // A broken pipe is either our own doing or explained by the exit.
    }
    const problem = await this.#exited;
    if (problem !== null && !this.#closing) {
      throw new GatewayError('speech_failed', { cause: problem });
    }
  }

  /** @returns What went wrong; null where nothing did. */
  #watch(onChild: (change: 1 | -1) => void): Promise<string | null> {
    const child = this.#child;
    child.once('spawn', () => onChild(1));
    child.once('exit', () => onChild(-1));
    // EPIPE says no more than the exit that follows.
    for (const pipe of child.stdio ?? []) pipe?.on('error', () => {});
    child.stderr?.setEncoding('utf8').on('data', (words: string) => {
      this.#lastWords = (this.#lastWords + words).slice(-maxLastWords);
    });
    return new Promise((resolve) => {
      child.once('close', (code, signal) => {
        resolve(code === 0 ? null : `ffmpeg: exit ${code ?? signal}: ${this.#lastWords.trim()}`);
      });
      child.on('error', ({ message }) => {
        if (child.pid === undefined) resolve(message);
      });
    });
  }
}

function start(path: string, args: string[]): ChildProcess {
  try {
    return spawn(path, args, { stdio: ['pipe', 'pipe', 'pipe'], env: {}, detached: true });
  } catch (cause) {
    throw new GatewayError('speech_failed', { cause });
  }
}

function argumentsFor({ format, sampleRate, tempo }: EncoderOptions): string[] {
  return [
    ...['-nostdin', '-hide_banner', '-loglevel', 'error', '-protocol_whitelist', 'pipe'],
    ...['-f', 's16le', '-ar', String(sampleRate), '-ac', '1', '-probesize', '32', '-i', 'pipe:0'],
    ...(tempo === 1 ? [] : ['-af', `atempo=${tempo}`]),
    ...['-map_metadata', '-1', '-fflags', '+bitexact', '-threads', '1'],
    ...['-ar', String(outputRate), '-ac', '1', ...encodings[format].arguments],
    ...['-flush_packets', '1', 'pipe:1'],
  ];
}
