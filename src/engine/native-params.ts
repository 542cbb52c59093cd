import { fullContextFrames } from './encoder-frames.js';
import type { DecodeOptions, Lane } from './engine.js';
import type { NativeParams } from './native-binding.js';

/**
 * Signs of a bad decode, after which whisper.cpp tries again at a higher temperature (where
 * `temperatureIncrement` allows it), and the silence check. The values of OpenAI's Whisper, in
 * whisper.cpp's terms.
 */
const thresholds = {
  /** Entropy of the last 32 tokens, below which text repeats itself. */
  entropyThreshold: 2.4,
  /** Mean log-probability below which text is a guess. */
  logprobThreshold: -1,
  /** Probability of no speech above which a guess is dropped. */
  noSpeechThreshold: 0.6,
} as const;

/** Candidates that are sampled at a temperature above zero, as whisper.cpp's own server does. */
const sampledCandidates = 2;

/**
 * On CPUs the attention over a context that is no multiple of this goes through ggml's slow dot products
 * instead of its matrix kernel: the encoder takes up to a third longer (docs/adr/0006).
 */
const contextStep = 8;

/** Every parameter of the addon for one window. @param threads Threads of one inference on the CPU. */
export function toNativeParams(options: DecodeOptions, lane: Lane, threads: number): NativeParams {
  const samples = options.temperature > 0 || options.temperatureIncrement > 0;
  return {
    language: options.language,
    translate: options.task === 'translate',
    prompt: options.prompt,
    threads,
    audioContext: Math.min(
      fullContextFrames,
      Math.ceil(options.audioContext / contextStep) * contextStep,
    ),
    tail: options.tail,
    beamSize: options.beamSize,
    bestOf: samples ? sampledCandidates : 1,
    temperature: options.temperature,
    temperatureIncrement: options.temperatureIncrement,
    ...thresholds,
    maxTokens: options.maxTokens,
    // A preview is one stretch of text, and need not be cut where the model would cut it.
    singleSegment: lane === 'partial',
    suppressNonSpeech: true,
    wordTimestamps: true,
    // Nobody watches a file, so its windows compute with what live ones leave.
    yielding: lane === 'batch',
    alignWords: options.alignWords,
  };
}
