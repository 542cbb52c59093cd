/** How audio is encoded, in the words of the wire. */
export interface AudioFormat {
  readonly format: string;
  readonly sample_rate?: number;
  readonly channels?: number;
}

const sampleBytes: Readonly<Record<string, number>> = {
  pcm_s16le: 2,
  pcm_f32le: 4,
  mulaw: 1,
  alaw: 1,
};

/** Places in raw audio, in bytes, and the time at which they lie. */
export interface AudioClock {
  /** Bytes of one sample of every channel. */
  readonly frameBytes: number;
  toMs(place: number): number;
  /** The place of a time, at the beginning of a frame. */
  toPlace(ms: number): number;
}

/**
 * The clock of raw samples, which is the gateway's; null for containers, whose bytes have no time of their
 * own.
 */
export function audioClock({
  format,
  sample_rate: rate = 16_000,
  channels = 1,
}: AudioFormat): AudioClock | null {
  const bytes = sampleBytes[format];
  if (bytes === undefined) return null;
  const frameBytes = bytes * channels;
  return {
    frameBytes,
    toMs: (place) => (place / frameBytes / rate) * 1_000,
    toPlace: (ms) => Math.round((ms * rate) / 1_000) * frameBytes,
  };
}
