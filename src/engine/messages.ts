import type { ErrorCode } from '../errors/index.js';
import type { DecodeOptions, Hypothesis, Lane } from './engine.js';
import type { NativeDevice, NativeLogLevel } from './native-binding.js';

/** Everything a parent says to a process of ours. Calls are answered in any order, by `id`. */
export type ToChild<Setup, Call> =
  | { readonly kind: 'setup'; readonly setup: Setup }
  | { readonly kind: 'call'; readonly id: number; readonly call: Call }
  | { readonly kind: 'abort'; readonly id: number };

/** Everything such a process says to its parent. `ready` or `unable` comes once, in answer to `setup`. */
export type FromChild<Ready, Result> =
  | { readonly kind: 'ready'; readonly ready: Ready }
  | { readonly kind: 'unable'; readonly failure: Failure }
  | { readonly kind: 'result'; readonly id: number; readonly result: Result }
  | { readonly kind: 'failed'; readonly id: number; readonly failure: Failure }
  | { readonly kind: 'log'; readonly level: LogLevel; readonly line: string };

export type LogLevel = NativeLogLevel;

/** Receives the log lines of a process: those of whisper.cpp, and what it wrote to stderr. */
export type OnLog = (level: LogLevel, line: string) => void;

/** An error on its way between processes. */
export interface Failure {
  readonly code: ErrorCode;
  readonly message: string;
  /** What led to it, in the words of whoever noticed; for logs. */
  readonly detail: string | null;
}

/** What an inference process is to open. */
export interface InferenceSetup {
  readonly addonPath: string;
  readonly modelPath: string;
  /** Index among the GPUs, or null for the CPU. */
  readonly gpu: number | null;
  readonly flashAttention: boolean;
  /** Inferences at the same time; each has working memory of its own. */
  readonly slots: number;
  /** Threads of one inference on the CPU; 0 shares the cores among those that run. */
  readonly threads: number;
  readonly cores: number;
}

/** What it opened. */
export interface InferenceReady {
  readonly whisperVersion: string;
  readonly backend: 'cpu' | 'cuda';
  /** `cpu`, or the GPU's name. */
  readonly device: string;
  readonly devices: readonly NativeDevice[];
  readonly multilingual: boolean;
  /** Bytes of the model's weights. */
  readonly memory: number;
}

/** What an inference process is asked. */
export type InferenceCall =
  | {
      readonly kind: 'transcribe';
      readonly lane: Lane;
      readonly pcm: Int16Array;
      readonly options: DecodeOptions;
    }
  /** Changes how many inferences may run at the same time. What runs is not disturbed. */
  | { readonly kind: 'resize'; readonly slots: number };

/** Null for `resize`. */
export type InferenceResult = Hypothesis | null;

/** What a voice-activity process is to open. */
export interface VoiceActivitySetup {
  readonly addonPath: string;
  readonly modelPath: string;
}

/** What a voice-activity process is asked. Sessions are numbers that the parent gives out. */
export type VoiceActivityCall =
  | {
      readonly kind: 'probabilities';
      readonly session: number;
      readonly pcm: Int16Array;
      /** Where given, the session starts anew, as if it had heard just this; else it goes on. */
      readonly history: Int16Array | null;
    }
  | { readonly kind: 'forget'; readonly session: number };

/** One probability a frame; empty for `forget`. */
export type VoiceActivityResult = Float32Array;
