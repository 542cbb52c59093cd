import { type DecoderInput, isChannelCount, isSampleRate, rawInput } from './input-format.js';

/** Plain integer PCM, as a WAV header announces it. */
export interface WavHeader {
  readonly input: DecoderInput;
  /** Bytes before the first sample. */
  readonly headerBytes: number;
  /** Bytes of samples; Infinity where the writer did not know, as is usual for a stream. */
  readonly dataBytes: number;
}

/** ffmpeg's raw demuxers by bits in a sample. */
const demuxers = new Map([
  [8, 'u8'],
  [16, 's16le'],
  [24, 's24le'],
  [32, 's32le'],
]);

/** WAVE_FORMAT_PCM in the format chunk. */
const pcmTag = 1;

/** Writers to a pipe announce about 2 or 4 GiB; no other size is near these. */
const streamedSize = 0x7fff_0000;

/**
 * Reads the chunks of a RIFF/WAVE stream up to its samples. Worth doing here because ffmpeg reads 64 to 128 KiB
 * of every PCM WAV before its first sample, in search of S/PDIF: 2 to 4 s of 16 kHz speech.
 * @param head Everything so far, beginning with RIFF.
 * @returns undefined if more bytes are needed, null if this is anything but plain PCM.
 */
export function parseWavHeader(head: Buffer): WavHeader | null | undefined {
  let input: DecoderInput | undefined;
  let at = 12;
  while (at + 8 <= head.length) {
    const type = head.toString('latin1', at, at + 4);
    const size = head.readUInt32LE(at + 4);
    const body = at + 8;
    if (type === 'data') {
      const dataBytes = size === 0 || size >= streamedSize ? Infinity : size;
      return input ? { input, headerBytes: body, dataBytes } : null;
    }
    if (type === 'fmt ') {
      if (body + 16 > head.length) return undefined;
      const channels = head.readUInt16LE(body + 2);
      const sampleRate = head.readUInt32LE(body + 4);
      const demuxer = demuxers.get(head.readUInt16LE(body + 14));
      const plain = head.readUInt16LE(body) === pcmTag && demuxer !== undefined;
      if (!plain || !isSampleRate(sampleRate) || !isChannelCount(channels)) return null;
      input = rawInput(demuxer, sampleRate, channels);
    }
    // Chunks are padded to even sizes.
    at = body + size + (size % 2);
  }
  return undefined;
}
