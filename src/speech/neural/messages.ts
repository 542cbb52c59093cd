import type { PreparedVoice } from './prepare-voice.js';

/** What a process that speaks with a neural voice is started with. */
export interface NeuralSetup {
  readonly voice: PreparedVoice;
  readonly threads: number;
}

export interface NeuralReady {
  readonly sampleRate: number;
}

export interface NeuralCall {
  readonly text: string;
  /** Number of the speaker. */
  readonly speaker: number;
  readonly speed: number;
}

/** Mono samples. */
export type NeuralResult = Int16Array;
