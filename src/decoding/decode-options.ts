import { sampleRate } from '../audio/index.js';
import {
  type CompressedTail,
  type DecodeOptions,
  encoderFrameSamples,
  fullContextFrames,
} from '../engine/index.js';
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
  /** What becomes of the silence in a full context; null leaves it as it is. */
  readonly tail: CompressedTail | null;
  readonly beamSize: number;
  readonly temperatureIncrement: number;
  /** Whether words get precise times, which takes a twentieth of a window more. */
  readonly alignWords: boolean;
}

/** A window with the silence behind it, and nothing tried again. */
const once = {
  margin: Number.POSITIVE_INFINITY,
  beamSize: 1,
  temperatureIncrement: 0,
  alignWords: true,
};

/**
 * From the cheapest to the best. Word error rates and CPU time of 62 whole English utterances (30 Chinese):
 * lean 7.9 % in 865 ms (30.5 %), cut 7.0 % in 1010 ms (35.8 %), tail 6.7 % in 942 ms (29.8 %), a margin of 256 frames
 * 6.8 % in 1218 ms (35.6 %); see docs/adr/0006.
 */
export const rungs = {
  /** Whenever others wait. */
  lean: { ...once, name: 'lean', tail: { dense: 16, stride: 32 }, alignWords: false },
  /** For partials while the engine has time: of growing windows, its words change least. */
  cut: { ...once, name: 'cut', margin: 128, tail: null, alignWords: false },
  /** For finals while the engine has time, and for files. */
  tail: { ...once, name: 'tail', tail: { dense: 32, stride: 16 } },
  /** For what looks invented at a lower rung. */
  full: { ...once, name: 'full', tail: null, temperatureIncrement: 0.2 },
} as const satisfies Record<string, Rung>;

/** Encoder frames for a window: its own length and the margin. 0 stands for the full context. */
function contextFrames(samples: number, margin: number): number {
  const frames = Math.ceil(samples / encoderFrameSamples) + margin;
  return frames < fullContextFrames ? frames : 0;
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
    tail: rung.tail,
    beamSize: rung.beamSize,
    temperature: 0,
    temperatureIncrement: rung.temperatureIncrement,
    maxTokens: minTokens + Math.ceil((samples / sampleRate) * maxTokensPerSecond),
    alignWords: rung.alignWords,
  };
}

/** Whisper takes terms to expect as text that came before. */
function initialPrompt({ prompt, hotwords }: SpeechOptions): string {
  return [prompt, hotwords.join(', ')].filter(Boolean).join(' ');
}
