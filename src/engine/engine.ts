import type { NativeDevice } from './native-binding.js';

/** Why a window is decoded: `final` closes an utterance, `partial` previews it, `batch` is file work. */
export type Lane = 'final' | 'partial' | 'batch';

/**
 * The silence from the end of a window to the end of the full context, in fewer frames than it has.
 * The model hears a full context, for the cost of a cut one (docs/adr/0006).
 */
export interface CompressedTail {
  /** Frames right behind the window that are kept, at least: 0 … 1500. */
  readonly dense: number;
  /** Frames for which one frame stands after those: 1 … 1500. */
  readonly stride: number;
}

/** How a window is decoded. Every field is given on every call: nothing is left from the last one. */
export interface DecodeOptions {
  /** ISO 639-1 code, or `auto`. */
  readonly language: string;
  readonly task: 'transcribe' | 'translate';
  /** Text that comes before, or terms to expect; empty for none. */
  readonly prompt: string;
  /** Encoder frames of 20 ms: 0 … 1500, where 0 means full context. */
  readonly audioContext: number;
  /** Null for none. Needs an `audioContext` of 0. */
  readonly tail: CompressedTail | null;
  /** 1 decodes greedily. */
  readonly beamSize: number;
  /** 0 … 1. */
  readonly temperature: number;
  /** Step of the temperature fallback; 0 turns it off. */
  readonly temperatureIncrement: number;
  /** Most tokens a segment may take; 0 for no limit. */
  readonly maxTokens: number;
  /**
   * Whether words get precise times, for one more pass of the decoder; without it they are off by
   * a few hundred milliseconds now and then (docs/adr/0011).
   */
  readonly alignWords: boolean;
}

/** Audio on its way to the engine. */
export interface AudioWindow {
  readonly sessionId: string;
  readonly lane: Lane;
  /** For whom it is decoded: turns are shared fairly among those. @default one for all who say none */
  readonly tenant?: string | undefined;
  /** Which of several models decodes it. @default the one that new sessions get */
  readonly model?: string;
  /** 16 kHz mono s16, at most 30 s. */
  readonly pcm: Int16Array;
  readonly options: DecodeOptions;
  /** Tries of it that have failed: on a slow machine the next one needs more time. @default 0 */
  readonly failures?: number;
}

/** One word, with times in milliseconds from the window's first sample. */
export interface Word {
  /** As written, with its punctuation, without surrounding spaces. */
  readonly word: string;
  readonly startMs: number;
  readonly endMs: number;
  /** 0 … 1. */
  readonly probability: number;
  /** Whether a space stands before it; false inside Chinese or Japanese text. */
  readonly spaceBefore: boolean;
}

/** A stretch of text as the model cut it. Times as in `Word`. */
export interface Segment {
  readonly startMs: number;
  readonly endMs: number;
  readonly text: string;
  /** Mean log-probability of its tokens. */
  readonly avgLogprob: number;
  /** 0 … 1. */
  readonly noSpeechProbability: number;
  readonly words: readonly Word[];
}

/** What the engine understood of a window. */
export interface Hypothesis {
  readonly segments: readonly Segment[];
  /** ISO 639-1 code: the one asked for, or the one detected. */
  readonly language: string;
  /** 0 … 1; 1 where the language was asked for. */
  readonly languageProbability: number;
  /** Wall time of the inference itself, without queueing. */
  readonly inferenceMs: number;
}

/** What an engine runs on, for `/health` and `transcription_started`. */
export interface EngineInfo {
  readonly model: string;
  /** `cpu`, or the GPU's name. */
  readonly device: string;
  readonly backend: 'cpu' | 'cuda' | 'scripted';
}

/** A GPU, as the worker on it has found it. */
export interface WorkerGpu {
  /** Index among the GPUs that the addon sees. */
  readonly gpu: number;
  readonly device: NativeDevice;
}

/**
 * The seam between the gateway and inference. Implementations: the local worker pool, hosts over NATS,
 * all loaded models together, and the scripted engine; all of them pass
 * `test/contract/engine-contract.ts`.
 */
export interface Engine {
  readonly info: EngineInfo;
  /** Whether a window would be worked on right now. */
  readonly ready: boolean;
  /**
   * Windows that may run at the same time, at least 1; changes with the workers that are up and with
   * their memory. The scheduler never submits more.
   */
  readonly slots: number;
  /** How often a worker had to be replaced. */
  readonly restarts: number;
  /** Processes that are up. */
  readonly workerPids: readonly number[];
  /** The GPUs that workers run on now. */
  readonly gpus: readonly WorkerGpu[];
  /** What is not as it should be, in plain words for operators; empty while all is well. */
  readonly notes: readonly string[];
  /** Calls `listener` with the new number whenever `slots` has changed. */
  onSlotsChanged(listener: (slots: number) => void): void;
  /**
   * Transcribes one window.
   * Settles only when the inference has really ended, so that a slot is never given out twice;
   * after `signal` aborts that is within milliseconds, with `cancelled`.
   * @throws GatewayError `engine_died`, `engine_timeout`, `engine_out_of_memory`, `inference_failed`,
   *   `invalid_argument`, `unknown_language`, `engine_unavailable` or `cancelled`; where a model has to
   *   be loaded first, what that fails with.
   */
  transcribe(window: AudioWindow, signal: AbortSignal): Promise<Hypothesis>;
  /** Ends every worker; pending work is rejected with `engine_unavailable`. Idempotent. */
  close(): Promise<void>;
}
