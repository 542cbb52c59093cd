import { frameSamples } from './voice-activity.js';

/** Samples the buffer starts with: one second. */
const initialCapacity = 16_384;

/**
 * Audio that is appended at its end, read as windows, and dropped at its start, together with the
 * speech probability of every frame.
 *
 * What was handed out by `slice` is never written to again: appending only fills what lies behind it,
 * and dropping moves on to a fresh buffer.
 */
export class UtteranceAudio {
  #samples = new Int16Array(initialCapacity);
  #length = 0;
  /** Speech probability of the frame that ends at or after each multiple of `frameSamples`. */
  #probabilities: number[] = [];

  /** Samples held. */
  get length(): number {
    return this.#length;
  }

  /** Adds one frame, or the last piece of one. */
  append(samples: Int16Array, probability: number): void {
    if (this.#length + samples.length > this.#samples.length) this.#grow(samples.length);
    this.#samples.set(samples, this.#length);
    this.#length += samples.length;
    this.#probabilities.push(probability);
  }

  /** Samples `start` up to `end`, without a copy. */
  slice(start: number, end: number): Int16Array {
    return this.#samples.subarray(start, Math.min(end, this.#length));
  }

  /** Forgets the first `count` samples. */
  dropBefore(count: number): void {
    const kept = this.#samples.subarray(count, this.#length);
    this.#samples = new Int16Array(Math.max(initialCapacity, kept.length * 2));
    this.#samples.set(kept);
    this.#length = kept.length;
    this.#probabilities = this.#probabilities.slice(-Math.ceil(kept.length / frameSamples));
  }

  /** Where the frame with the least speech probability ends, behind sample `from` and up to `to`. */
  quietestFrame(from: number, to = this.#length): number {
    // Frames count from the end, because a drop may have left an incomplete first one.
    let quietest = to;
    let lowest = Number.POSITIVE_INFINITY;
    for (let back = 0; back < this.#probabilities.length; back++) {
      const end = this.#length - back * frameSamples;
      if (end <= Math.max(from, 0)) break;
      if (end > to) continue;
      const probability = this.#probabilities[this.#probabilities.length - 1 - back] as number;
      if (probability < lowest) {
        lowest = probability;
        quietest = end;
      }
    }
    return quietest;
  }

  #grow(extra: number): void {
    const capacity = Math.max(this.#samples.length * 2, this.#length + extra);
    const samples = new Int16Array(capacity);
    samples.set(this.#samples.subarray(0, this.#length));
    this.#samples = samples;
  }
}
