import { samplesToMs } from '../audio/index.js';
import type { AudioWindow, Hypothesis, Segment, Word } from './engine.js';

/** A word with its times in milliseconds from the window's first sample. */
export type SpokenWord = readonly [word: string, startMs: number, endMs: number];

/** What a hypothesis says beside its words, each with a plain default. */
export interface SpokenOptions {
  /** @default 'en' */
  readonly language?: string;
  /** Of every word, 0 … 1. @default 0.9 */
  readonly probability?: number;
  /** @default 0 */
  readonly noSpeechProbability?: number;
  /** @default 1 */
  readonly inferenceMs?: number;
}

/** A hypothesis of one segment with these words; of none where there are no words. */
export function spoken(words: readonly SpokenWord[], options: SpokenOptions = {}): Hypothesis {
  const { language = 'en', probability = 0.9, inferenceMs = 1 } = options;
  const heard = words.map(
    ([word, startMs, endMs]): Word => ({ word, startMs, endMs, probability, spaceBefore: true }),
  );
  const segment: Segment = {
    startMs: heard[0]?.startMs ?? 0,
    endMs: heard.at(-1)?.endMs ?? 0,
    text: heard.map(({ word }) => ` ${word}`).join(''),
    avgLogprob: Math.log(probability),
    noSpeechProbability: options.noSpeechProbability ?? 0,
    words: heard,
  };
  return {
    segments: heard.length > 0 ? [segment] : [],
    language,
    languageProbability: 1,
    inferenceMs,
  };
}

/** A hypothesis whose words share the window's time evenly: `spokenThrough(window, 'hello world')`. */
export function spokenThrough(
  window: AudioWindow,
  text: string,
  options?: SpokenOptions,
): Hypothesis {
  const words = text.split(/\s+/).filter((word) => word !== '');
  const share = samplesToMs(window.pcm.length) / words.length;
  return spoken(
    words.map((word, i) => [word, Math.round(i * share), Math.round((i + 1) * share)]),
    options,
  );
}
