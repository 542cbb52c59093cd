import { moveWords, type TimedWord } from './words.js';

/** The part of a hypothesis that this folder reads; `Hypothesis` of the engine has this shape. */
export interface HypothesisText {
  readonly segments: readonly {
    readonly avgLogprob: number;
    readonly noSpeechProbability: number;
    readonly words: readonly TimedWord[];
  }[];
}

/** Whisper's own rule for a segment without speech (Radford et al. 2022, `transcribe.py`). */
const noSpeechProbability = 0.6;
const noSpeechLogprob = -1;

/**
 * The words of a hypothesis that somebody said, moved to the session's clock: without segments that the
 * model itself takes for silence, and without tags such as `[BLANK_AUDIO]`, `(music)` or `♪`.
 */
export function speechWords(hypothesis: HypothesisText, offsetMs: number): TimedWord[] {
  const spoken = hypothesis.segments.filter(
    (segment) =>
      segment.noSpeechProbability < noSpeechProbability || segment.avgLogprob > noSpeechLogprob,
  );
  return moveWords(withoutTags(spoken.flatMap((segment) => segment.words)), offsetMs);
}

const closings: Readonly<Record<string, string>> = {
  '[': ']',
  '(': ')',
  '{': '}',
  '（': '）',
  '【': '】',
};

/** Tags may run over several words: everything from an opening bracket to its closing one goes. */
function withoutTags(words: readonly TimedWord[]): TimedWord[] {
  const kept: TimedWord[] = [];
  let closing: string | undefined;
  for (const word of words) {
    const text = word.word.trim();
    closing ??= closings[text.charAt(0)];
    if (closing) {
      if (text.replace(/[.,!?。，]+$/u, '').endsWith(closing)) closing = undefined;
    } else if (/[\p{L}\p{N}]/u.test(text)) {
      kept.push(word);
    } else if (!/[♪♫*]/u.test(text) && kept.length > 0) {
      kept.push(word);
    }
  }
  return kept;
}
