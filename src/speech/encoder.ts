import type { Writable } from 'node:stream';
import { drained, FfmpegChild, type FfmpegExit, type FoundFfmpeg } from '../audio/index.js';
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

/** One ffmpeg child that takes samples and gives a file, from its first bytes on. */
export class Encoder {
  /** Ends with the file, or when the encoder is closed; throws `speech_failed` where ffmpeg does. */
  readonly output: AsyncIterable<Buffer> = this.#read();
  readonly #child: FfmpegChild;
  #closed = false;

  /** @throws GatewayError `speech_failed` where the system refuses another process. */
  constructor(options: EncoderOptions) {
    this.#child = start(options);
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
    this.#closed = true;
    return this.#child.close();
  }

  async *#read(): AsyncGenerator<Buffer> {
    try {
      for await (const bytes of this.#child.stdout ?? []) yield bytes;
    } catch {
      // A broken pipe is either our own doing or explained by the exit.
    }
    const problem = this.#problem(await this.#child.exited);
    if (problem !== null && !this.#closed) {
      throw new GatewayError('speech_failed', { cause: problem });
    }
  }

  #problem({ code, signal, error }: FfmpegExit): string | null {
    if (error) return error.message;
    return code === 0 ? null : `ffmpeg: exit ${code ?? signal}: ${this.#child.lastWords}`;
  }
}

function start(options: EncoderOptions): FfmpegChild {
  const { ffmpeg, onChild } = options;
  try {
    return new FfmpegChild({ ffmpeg, arguments: argumentsFor(options), onChild });
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
