import type { AudioFormat } from '../audio-clock.js';

/** A running way to get audio out of a stream. */
export interface Capture {
  readonly format: AudioFormat;
  /** Begins a new container; raw audio needs none. */
  restart(): void;
  /** Resolves when the last audio was given. Never rejects. */
  close(): Promise<void>;
}

export interface CaptureListener {
  audio(bytes: Uint8Array): void;
  /** @param rms Root mean square of the last samples, 0 … 1. */
  level(rms: number): void;
}
