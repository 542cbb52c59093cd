import type { AudioFormat } from './decoder.js';
import { sampleRate as outputRate } from './pcm.js';

/** How raw samples lie in a stream of bytes. */
export interface RawLayout {
  /** Bytes of one sample of every channel. */
  readonly frameBytes: number;
  /** Hertz. */
  readonly sampleRate: number;
}

const bytesPerSample = new Map([
  ['pcm_s16le', 2],
  ['pcm_f32le', 4],
  ['mulaw', 1],
  ['alaw', 1],
]);

/** The layout of a raw format; undefined for containers, whose bytes say nothing about time. */
export function rawLayout(audio: AudioFormat): RawLayout | undefined {
  const bytes = bytesPerSample.get(audio.format.toLowerCase());
  if (bytes === undefined) return undefined;
  const { sampleRate = outputRate, channels = 1 } = audio;
  return { frameBytes: bytes * channels, sampleRate };
}
