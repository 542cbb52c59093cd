/** The one sample rate behind the decoder, in hertz: what Whisper and Silero were trained on. */
export const sampleRate = 16_000;

/** Samples (16 kHz) to milliseconds, rounded to the nearest. */
export function samplesToMs(samples: number): number {
  return Math.round((samples * 1000) / sampleRate);
}

/** Milliseconds to samples (16 kHz), rounded to the nearest. */
export function msToSamples(ms: number): number {
  return Math.round((ms * sampleRate) / 1000);
}

/** s16 samples (−32768 … 32767) to floats (−1 … 1), as the models take them. */
export function toFloat32(pcm: Int16Array): Float32Array {
  const floats = new Float32Array(pcm.length);
  for (let i = 0; i < pcm.length; i++) floats[i] = (pcm[i] as number) / 32_768;
  return floats;
}

/** All pieces, one after the other, in one new array. */
export function concatPcm(pieces: readonly Int16Array[]): Int16Array {
  const whole = new Int16Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let offset = 0;
  for (const piece of pieces) {
    whole.set(piece, offset);
    offset += piece.length;
  }
  return whole;
}
