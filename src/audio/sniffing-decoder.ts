import { GatewayError } from '../errors/index.js';
import { CollectedFile } from './collected-file.js';
import { type Container, sniffContainer } from './container-sniffer.js';
import type { Decoder } from './decoder.js';
import type { DecoderInput } from './input-format.js';

export interface SniffingOptions {
  /** Largest container in bytes that is collected because its index comes last. */
  readonly maxCollectedBytes: number;
  /** Opens the decoder for what was found; the descriptor is open during the call only. */
  readonly open: (input: DecoderInput, file?: number) => Decoder;
}

/**
 * Looks at the first bytes and then lets the decoder work that suits them: ffmpeg, told which demuxer to
 * use; none at all for a WAV that holds what we want; or a file, decoded at the end, for an MP4 that
 * cannot be streamed.
 */
export class SniffingDecoder implements Decoder {
  readonly output: AsyncIterable<Int16Array> = this.#read();
  readonly #options: SniffingOptions;
  readonly #opened: Promise<Decoder | undefined>;
  #settle!: (decoder: Decoder | undefined) => void;
  #reject!: (error: GatewayError) => void;
  #head = Buffer.alloc(0);
  #decoder: Decoder | undefined;
  #file: CollectedFile | undefined;
  /** Bytes that still belong to the audio: what follows the samples of a WAV is no sound. */
  #wantedBytes = Infinity;
  #ended = false;

  constructor(options: SniffingOptions) {
    this.#options = options;
    this.#opened = new Promise((resolve, reject) => {
      this.#settle = resolve;
      this.#reject = reject;
    });
    // The failure is for whoever reads the output, and nobody has to.
    this.#opened.catch(() => {});
  }

  write(bytes: Uint8Array): boolean {
    if (this.#ended || bytes.length === 0) return true;
    if (this.#decoder) return this.#pass(this.#decoder, bytes);
    if (this.#file) return this.#file.write(bytes);
    this.#head = Buffer.concat([this.#head, bytes]);
    const container = sniffContainer(this.#head);
    return container ? this.#attempt(() => this.#follow(container)) : true;
  }

  drained(): Promise<void> {
    return (this.#decoder ?? this.#file)?.drained() ?? Promise.resolve();
  }

  end(): void {
    if (this.#ended) return;
    if (this.#head.length > 0) {
      // Too short for an answer: ffmpeg has the last word.
      this.#attempt(() => this.#follow({ kind: 'stream', demuxer: undefined }));
    }
    this.#ended = true;
    this.#decoder?.end();
    if (this.#file) this.#file.finish((file) => this.#attempt(() => this.#decodeFile(file)));
    else this.#settle(undefined);
  }

  async close(): Promise<void> {
    this.#ended = true;
    this.#settle(undefined);
    this.#file?.close();
    await this.#decoder?.close();
  }

  async *#read(): AsyncGenerator<Int16Array> {
    const decoder = await this.#opened;
    if (decoder) yield* decoder.output;
  }

  #follow(container: Container): boolean {
    const head = this.#head;
    this.#head = Buffer.alloc(0);
    switch (container.kind) {
      case 'stream':
        return this.#pass(this.#open({ kind: 'container', demuxer: container.demuxer }), head);
      case 'wav': {
        const { input, headerBytes, dataBytes } = container.header;
        this.#wantedBytes = dataBytes;
        return this.#pass(this.#open(input), head.subarray(headerBytes));
      }
      case 'collect':
        this.#file = new CollectedFile(this.#options.maxCollectedBytes, (error) =>
          this.#fail(error),
        );
        return this.#file.write(head);
    }
  }

  #open(input: DecoderInput, file?: number): Decoder {
    this.#decoder = this.#options.open(input, file);
    this.#settle(this.#decoder);
    return this.#decoder;
  }

  #decodeFile(file: number): boolean {
    this.#open({ kind: 'mp4-file' }, file);
    return true;
  }

  #pass(decoder: Decoder, bytes: Uint8Array): boolean {
    const wanted = bytes.subarray(0, this.#wantedBytes);
    this.#wantedBytes -= wanted.length;
    return decoder.write(wanted);
  }

  /** A process or a file that the system refuses must not throw at whoever brings the bytes. */
  #attempt(action: () => boolean): boolean {
    try {
      return action();
    } catch (error) {
      this.#fail(error);
      return true;
    }
  }

  #fail(cause: unknown): void {
    this.#ended = true;
    this.#reject(
      cause instanceof GatewayError ? cause : new GatewayError('decoder_crashed', { cause }),
    );
  }
}
