import { sampleRate } from '../audio/index.js';
import type { DecodeOptions } from '../engine/index.js';
import type { ChineseScript } from '../transcript/index.js';

/** What a client asked for, as far as it concerns decoding. */
export interface SpeechOptions {
  readonly language: string;
  readonly task: 'transcribe' | 'translate';
  readonly prompt: string;
  readonly hotwords: readonly string[];
  readonly chineseScript: ChineseScript;
}

/** How thoroughly a window is decoded; `name` is the `rung` of events. */
export interface Rung {
  readonly name: string;
  /** Encoder frames beyond the window's own; Infinity for full context. */
  readonly margin: number;
  readonly beamSize: number;
  readonly temperatureIncrement: number;
}

/** Samples behind one encoder frame: 20 ms. */
const frameLength = sampleRate / 50;
/** Encoder frames of the full 30 s context. */
const fullContext = 1_500;

/**
 * A margin of 128 frames was measured as safe with flash attention off (7.3 % against 6.9–7.05 % WER
 * at full context, for a third of the cost); with smaller ones repetition loops set in.
 */
export const rungs = {
  /** Whenever others wait. */
  cut: { name: 'cut', margin: 128, beamSize: 1, temperatureIncrement: 0 },
  /** For finals while the engine has time. */
  wide: { name: 'wide', margin: 256, beamSize: 1, temperatureIncrement: 0 },
  /** For what looks invented at a lower rung. */
  full: { name: 'full', margin: Number.POSITIVE_INFINITY, beamSize: 1, temperatureIncrement: 0.2 },
} as const satisfies Record<string, Rung>;

/** Encoder frames for a window: its own length and the margin, at most the full context. */
function contextFrames(samples: number, margin: number): number {
  return Math.min(fullContext, Math.ceil(samples / frameLength) + margin);
}

/** Whisper speaks at most about 7 tokens a second; more is a loop that should end soon. */
const maxTokensPerSecond = 10;
const minTokens = 24;

/** Every parameter of a window's decoding. */
export function decodeOptions(samples: number, rung: Rung, speech: SpeechOptions): DecodeOptions {
  return {
    language: speech.language,
    task: speech.task,
    prompt: initialPrompt(speech),
    audioContext: contextFrames(samples, rung.margin),
    beamSize: rung.beamSize,
    temperature: 0,
    temperatureIncrement: rung.temperatureIncrement,
    maxTokens: minTokens + Math.ceil((samples / sampleRate) * maxTokensPerSecond),
  };
}

/** Whisper takes terms to expect as text that came before. */
function initialPrompt({ prompt, hotwords }: SpeechOptions): string {
  return [prompt, hotwords.join(', ')].filter(Boolean).join(' ');
}
