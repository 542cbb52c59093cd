import type { Sentence } from './sentences.js';

/** Larger or longer files are not read whole only to be drawn. */
const maxBytes = 20_000_000;
const maxSeconds = 3_600;
/** Enough to see where somebody speaks; the file is decoded at it. */
const sampleRate = 8_000;
/** Points of the picture: more than a wide screen shows bars. */
const points = 1_200;

export function canBeDrawn(bytes: number, seconds: number): boolean {
  return bytes <= maxBytes && seconds <= maxSeconds;
}

/** How loud a file is all along it, 0 … 1; null where the browser cannot decode it. */
export async function loudness(url: string, signal: AbortSignal): Promise<Float32Array | null> {
  try {
    const response = await fetch(url, { signal });
    if (!response.ok) return null;
    const context = new OfflineAudioContext(1, 1, sampleRate);
    const audio = await context.decodeAudioData(await response.arrayBuffer());
    const channels = Array.from({ length: audio.numberOfChannels }, (_, channel) =>
      audio.getChannelData(channel),
    );
    const peaks = new Float32Array(points);
    const samples = audio.length / points;
    for (let point = 0; point < points; point++) {
      const [from, to] = [Math.floor(point * samples), Math.floor((point + 1) * samples)];
      for (const channel of channels) {
        for (let index = from; index < to; index++) {
          peaks[point] = Math.max(peaks[point] ?? 0, Math.abs(channel[index] ?? 0));
        }
      }
    }
    return peaks;
  } catch {
    return null;
  }
}

/** Where words are said: what there is to see of a file that is too large to be drawn. */
export function speech(sentences: readonly Sentence[], durationMs: number): Float32Array {
  const peaks = new Float32Array(points).fill(0.04);
  const toPoint = (ms: number) => Math.floor((ms / durationMs) * points);
  for (const { startMs, endMs } of sentences.flatMap(({ words }) => words)) {
    peaks.fill(0.5, toPoint(startMs), Math.max(toPoint(endMs), toPoint(startMs) + 1));
  }
  return peaks;
}
