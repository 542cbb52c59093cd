import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { GatewayError } from '../errors/index.js';
import type { Decoder } from './decoder.js';
import { FfmpegDecoder, type FfmpegOptions } from './ffmpeg-decoder.js';
import { type ProbedFile, probeFile } from './probe-file.js';

/**
 * A stored file that ffmpeg can decode: open until it is closed, so that what is read stays the same file
 * whatever happens to its name.
 */
export class AudioFile {
  /** As the container says it, or as ffmpeg guesses it from the bit rate; null where neither knows. */
  readonly durationMs: number | null;
  readonly channels: number;
  readonly #handle: FileHandle;
  readonly #options: FfmpegOptions;
  readonly #decoders = new Set<Decoder>();
  #closing: Promise<void> | undefined;

  /**
   * @param source A path, which may hold anything; or an open file, which is closed with this.
   * @throws GatewayError `file_unreadable`, `not_audio`, `no_audio_track`, `decoder_crashed`, or `cancelled`.
   */
  static async open(
    source: string | FileHandle,
    options: FfmpegOptions,
    signal?: AbortSignal,
  ): Promise<AudioFile> {
    const handle = typeof source === 'string' ? await openPath(source) : source;
    try {
      const stats = await handle.stat();
      // A pipe or a device can be read once only, and perhaps never ends.
      if (!stats.isFile()) throw new GatewayError('file_unreadable', { cause: 'not a file' });
      const probed = await probeFile(handle.fd, options, signal);
      return new AudioFile(handle, options, probed);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  private constructor(handle: FileHandle, options: FfmpegOptions, probed: ProbedFile) {
    this.#handle = handle;
    this.#options = options;
    this.durationMs = probed.durationMs;
    this.channels = probed.channels;
  }

  /**
   * Starts to decode from the beginning. Its `output` is on the file's clock; nothing is written to it.
   * @param channel 0, 1 …, or null for all channels mixed.
   */
  decode(channel: number | null = null): Decoder {
    const decoder = new FfmpegDecoder({ kind: 'file', channel }, this.#options, this.#handle.fd);
    this.#decoders.add(decoder);
    return decoder;
  }

  /** Ends every decoder and closes the file. Idempotent. Never rejects. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await Promise.all([...this.#decoders].map((decoder) => decoder.close()));
    await this.#handle.close().catch(() => {});
  }
}

async function openPath(path: string): Promise<FileHandle> {
  try {
    // Without O_NONBLOCK, opening a named pipe would wait for whoever writes to it.
    return await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (cause) {
    throw new GatewayError('file_unreadable', { cause });
  }
}
