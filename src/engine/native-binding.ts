import { createRequire } from 'node:module';

/** Everything `native/` offers; the only description of that boundary on this side. */
export interface NativeAddon {
  /** Version of whisper.cpp that is linked in. */
  readonly whisperVersion: string;
  /** Whether inferences with several threads each may run side by side; without it they stall. */
  readonly openmp: boolean;
  /** What this binary was built for. */
  readonly backend: 'cpu' | 'cuda';
  /**
   * What its GPU code was compiled for, such as `90` or `75-virtual,80-real`; empty for the CPU.
   */
  readonly cudaArchitectures: string;
  /** Whether a model may be loaded onto a GPU with flash attention. */
  readonly gpuFlashAttention: boolean;
  /**
   * Devices that this process can use now; the CPU is always last. Memory in bytes. Not while the
   * first model is being loaded: asking an unused GPU for its memory resets it.
   */
  devices(): NativeDevice[];
  /** Why an addon for GPUs found none, in the words of its driver; null where it found one. */
  gpuProblem(): string | null;
  /** Receives the log lines of whisper.cpp and ggml; null stops it. Never called synchronously. */
  setLogger(logger: ((level: NativeLogLevel, line: string) => void) | null): void;
  /**
   * Off the main thread. Rejects with `invalid_argument`, `model_not_found`, `model_corrupt`,
   * `model_load_failed` or `out_of_memory`.
   */
  loadModel(options: NativeModelOptions): Promise<NativeModel>;
  /** Rejects as `loadModel` does. */
  loadVoiceActivity(path: string): Promise<NativeVoiceActivity>;
}

export type NativeLogLevel = 'debug' | 'info' | 'warn' | 'error';

export interface NativeDevice {
  readonly name: string;
  readonly description: string;
  readonly kind: 'cpu' | 'gpu';
  readonly totalMemory: number;
  readonly freeMemory: number;
  /** Such as `9.0`; null for what is no CUDA device. */
  readonly computeCapability: string | null;
  /** Such as `0000:01:00.0`; null for what is no CUDA device. */
  readonly pciBusId: string | null;
}

export interface NativeModelOptions {
  readonly path: string;
  /** Index among the GPUs of `devices()`, or null for the CPU. */
  readonly gpu: number | null;
  /**
   * Off on CPUs: with it, cut contexts read keys of earlier windows (see docs/adr). Refused on a GPU
   * where `gpuFlashAttention` says no.
   */
  readonly flashAttention: boolean;
}

/** Weights, shared by all of its states. */
export interface NativeModel {
  readonly type: string;
  readonly multilingual: boolean;
  /** Bytes of the weights. */
  readonly memory: number;
  /** Off the main thread. Rejects with `freed` or `out_of_memory`. */
  createState(): Promise<NativeState>;
  /** Frees the weights once no state is left; states opened before stay usable. Idempotent. */
  free(): void;
}

/** Working memory of one inference at a time. A second call while one runs is refused. */
export interface NativeState {
  /**
   * Transcribes up to 30 s of 16 kHz mono PCM (−1 … 1), off the main thread; audio under one second
   * is padded with silence. Rejects with a `code`: `invalid_argument`, `unknown_language`,
   * `state_busy`, `freed`, `aborted`, `out_of_memory` or `inference_failed`.
   */
  transcribe(pcm: Float32Array, params: NativeParams): Promise<NativeResult>;
  /** Makes a running `transcribe` reject with `aborted` as soon as the next graph node ends. */
  abort(): void;
  /** Frees the state, after a running call has ended. Idempotent. */
  free(): void;
}

/** Every parameter, on every call. Missing or surplus fields are refused with `invalid_argument`. */
export interface NativeParams {
  readonly language: string;
  readonly translate: boolean;
  readonly prompt: string;
  readonly threads: number;
  readonly audioContext: number;
  /** Only with an `audioContext` of 0, and without flash attention. */
  readonly tail: NativeTail | null;
  readonly beamSize: number;
  readonly bestOf: number;
  readonly temperature: number;
  readonly temperatureIncrement: number;
  readonly entropyThreshold: number;
  readonly logprobThreshold: number;
  readonly noSpeechThreshold: number;
  readonly maxTokens: number;
  readonly singleSegment: boolean;
  readonly suppressNonSpeech: boolean;
  readonly wordTimestamps: boolean;
  /** Whether its threads leave the cores to all others; on Linux only. */
  readonly yielding: boolean;
  /**
   * Whether words are timed by what the decoder attends to, for one more pass of it. Without effect
   * where there are no word times, and with flash attention, which keeps no weights.
   */
  readonly alignWords: boolean;
}

/** A full context whose silence behind the window is compressed. */
export interface NativeTail {
  /**
   * Frames of silence that are kept, 0 … 1500, counted from the end of the padded audio; up to 15 more
   * are kept, so that ggml's kernels are fast.
   */
  readonly dense: number;
  /** Frames for which one frame stands after those, 1 … 1500. */
  readonly stride: number;
}

export interface NativeResult {
  readonly language: string;
  /** 0 … 1; 1 where the language was given. */
  readonly languageProbability: number;
  readonly segments: readonly NativeSegment[];
  /** Milliseconds spent in encoding and decoding. */
  readonly encodeMs: number;
  readonly decodeMs: number;
  /** Milliseconds spent in aligning words, of which the decoder's are in `decodeMs` as well. */
  readonly alignMs: number;
}

export interface NativeSegment {
  /** Milliseconds from the first sample. */
  readonly startMs: number;
  readonly endMs: number;
  readonly text: string;
  readonly avgLogprob: number;
  readonly noSpeechProbability: number;
  readonly words: readonly NativeWord[];
}

export interface NativeWord {
  /** With its leading space, where it has one. Valid UTF-8 even where a token splits a character. */
  readonly text: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly probability: number;
}

export interface NativeVoiceActivity {
  /**
   * Speech probability of each 512-sample frame of 16 kHz mono PCM (−1 … 1), off the main thread.
   * Keeps its state between calls. Rejects with `invalid_argument`, `state_busy`, `freed` or
   * `inference_failed`.
   */
  probabilities(pcm: Float32Array): Promise<Float32Array>;
  /** Forgets what was heard. */
  reset(): void;
  free(): void;
}

/** Loads the addon at `path`. Throws whatever the loader says; the caller gives it a code. */
export function loadAddon(path: string): NativeAddon {
  return createRequire(import.meta.url)(path) as NativeAddon;
}
