import type { Hypothesis, Word } from './engine.js';
import type { NativeResult, NativeWord } from './native-binding.js';

/** The addon's result as a hypothesis. @param inferenceMs Wall time of the inference. */
export function toHypothesis(result: NativeResult, inferenceMs: number): Hypothesis {
  return {
    segments: result.segments.map((segment) => ({
      startMs: segment.startMs,
      endMs: segment.endMs,
      text: segment.text,
      avgLogprob: segment.avgLogprob,
      noSpeechProbability: segment.noSpeechProbability,
      words: segment.words.map(toWord).filter(({ word }) => word !== ''),
    })),
    language: result.language,
    languageProbability: result.languageProbability,
    inferenceMs,
  };
}

function toWord({ text, startMs, endMs, probability }: NativeWord): Word {
  return { word: text.trim(), startMs, endMs, probability, spaceBefore: text.startsWith(' ') };
}
