import type { CreateDecoder, Decoder } from './decoder.js';
import { FfmpegDecoder, type FfmpegOptions } from './ffmpeg-decoder.js';
import { type DecoderInput, parseInputFormat } from './input-format.js';
import { inLargerPieces } from './larger-pieces.js';
import { PcmDecoder } from './pcm-decoder.js';
import { SniffingDecoder } from './sniffing-decoder.js';

export interface DecoderOptions extends FfmpegOptions {
  /** Largest container in bytes that is collected because its index comes last. */
  readonly maxCollectedBytes: number;
  /** Smallest piece in bytes that is handed on; 0 hands on at once. */
  readonly minChunkBytes: number;
}

/** Makes the function that gives each session its decoder. */
export function createDecoderFactory(options: DecoderOptions): CreateDecoder {
  return async (audio, signal) => {
    signal.throwIfAborted();
    const input = parseInputFormat(audio);
    const decoder = input ? await opened(input, signal) : new SniffingDecoder({ ...options, open });
    return options.minChunkBytes > 0 ? inLargerPieces(decoder, options.minChunkBytes) : decoder;
  };

  async function opened(input: DecoderInput, signal: AbortSignal): Promise<Decoder> {
    const decoder = open(input);
    try {
      if (decoder instanceof FfmpegDecoder) await decoder.spawned;
      signal.throwIfAborted();
      return decoder;
    } catch (error) {
      await decoder.close();
      throw error;
    }
  }

  function open(input: DecoderInput, file?: number): Decoder {
    return input.kind === 'samples' ? new PcmDecoder() : new FfmpegDecoder(input, options, file);
  }
}
