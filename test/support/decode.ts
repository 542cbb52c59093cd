import { execFileSync } from 'node:child_process';
import { concatPcm, type Decoder } from '../../src/audio/index.js';

/** Samples of a file as ffmpeg decodes it in one go. */
export function decodeFile(ffmpeg: string, path: string): Int16Array {
  const output = ['-map', '0:a:0', '-f', 's16le', '-ar', '16000', '-ac', '1', 'pipe:1'];
  return samplesOf(
    execFileSync(ffmpeg, ['-v', 'error', '-i', path, ...output], { maxBuffer: 1 << 28 }),
  );
}

/** A copy of s16le bytes as samples. */
export function samplesOf(bytes: Uint8Array): Int16Array {
  return new Int16Array(new Uint8Array(bytes).buffer, 0, bytes.length >> 1);
}

/** Everything a decoder gives until it ends. */
export async function readAll(decoder: Decoder): Promise<Int16Array> {
  const pieces: Int16Array[] = [];
  for await (const piece of decoder.output) pieces.push(piece);
  return concatPcm(pieces);
}

/** Writes in slices, pausing where the decoder asks for it; does not end it. */
export async function writeAll(
  decoder: Decoder,
  bytes: Uint8Array,
  sliceBytes = 65_536,
): Promise<void> {
  for (let at = 0; at < bytes.length; at += sliceBytes) {
    if (!decoder.write(bytes.subarray(at, at + sliceBytes))) await decoder.drained();
  }
}

/** Everything a decoder makes of these bytes, closed afterwards. */
export async function decodeAll(
  decoder: Decoder,
  bytes: Uint8Array,
  sliceBytes?: number,
): Promise<Int16Array> {
  try {
    const [samples] = await Promise.all([
      readAll(decoder),
      writeAll(decoder, bytes, sliceBytes).then(() => decoder.end()),
    ]);
    return samples;
  } finally {
    await decoder.close();
  }
}
