import type { TimedWord } from '../transcript/index.js';

/** Where a transcription can go on after it was interrupted. Plain data: it survives JSON. */
export interface Checkpoint {
  /** 0, 1 … where channels are transcribed one after the other; null where they are mixed. */
  readonly channel: number | null;
  /** Where the next window begins, in samples (16 kHz) on the recording's clock. */
  readonly at: number;
  /** What the next window says again, where someone speaks on; null where it begins in silence. */
  readonly overlap: Overlap | null;
  /** The language that was settled; null while none is. */
  readonly language: string | null;
}

/** The end of a window that the next one repeats. */
export interface Overlap {
  readonly endMs: number;
  /** As that window had them. */
  readonly words: readonly TimedWord[];
}

/** What was said in one window of a recording; windows come in the order of the audio. */
export interface FinishedWindow {
  readonly kind: 'window';
  readonly channel: number | null;
  /** Milliseconds on the recording's clock. */
  readonly startMs: number;
  readonly endMs: number;
  /** May be empty: not everything that sounds like speech is. */
  readonly words: readonly TimedWord[];
  /** ISO 639-1 code. */
  readonly language: string;
  /** 0 … 1. */
  readonly noSpeechProbability: number;
  /** How thoroughly it was decoded at last. */
  readonly rung: string;
  /** Hand it to `startAt` to go on behind this window. */
  readonly checkpoint: Checkpoint;
}

/** What comes of a recording. */
export type RecordingEvent =
  | FinishedWindow
  /** There was nothing to transcribe for long: everything up to here is dealt with. */
  | { readonly kind: 'silence'; readonly channel: number | null; readonly endMs: number }
  /** The last event. */
  | { readonly kind: 'end'; readonly durationMs: number };
