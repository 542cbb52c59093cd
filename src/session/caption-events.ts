import { samplesToMs, type UtteranceWindow } from '../audio/index.js';
import type { SessionEvent } from '../protocol/index.js';
import {
  type Agreement,
  type FinalText,
  inOrder,
  type TimedWord,
  type UtteranceTranscript,
} from '../transcript/index.js';

/** A last word that begins this close to the end of a partial window may be cut off … */
const cutOffMs = 300;
/** … unless the model is this sure of it. */
const sureProbability = 0.75;

/** The event for a partial window's answer. */
export function partialEvent(
  window: UtteranceWindow,
  { committed, tentative }: Agreement,
  rung: string,
): SessionEvent {
  return { type: 'partial', ...place(window), committed, tentative, rung };
}

/**
 * The words so far that are shown. A partial window ends anywhere, and a tentative word that it cuts off is
 * mostly guessed wrong: it counts for agreement, but is not shown.
 */
export function shownWords(
  { words, committedWords }: Pick<UtteranceTranscript, 'words' | 'committedWords'>,
  window: UtteranceWindow,
): readonly TimedWord[] {
  const last = words[committedWords.length] && words.at(-1);
  const isCutOff =
    last && last.startMs > samplesToMs(window.end) - cutOffMs && last.probability < sureProbability;
  return isCutOff ? words.slice(0, -1) : words;
}

/** The event that closes an utterance. */
export function finalEvent(
  window: UtteranceWindow,
  final: FinalText,
  language: string,
  rung: string,
  { wordTimestamps, stableFinals }: { wordTimestamps: boolean; stableFinals: boolean },
): SessionEvent {
  return {
    type: 'final',
    ...place(window),
    text: final.text,
    language,
    confidence: final.confidence,
    ...(wordTimestamps && {
      words: inOrder(final.words, samplesToMs(window.start), samplesToMs(window.end)).map(
        ({ word, startMs, endMs, probability }) => ({
          word,
          start_ms: startMs,
          end_ms: endMs,
          probability,
        }),
      ),
    }),
    rung,
    ...(!stableFinals && { revised: [...final.revised] }),
  };
}

function place({ utterance, start, end }: UtteranceWindow) {
  return {
    utterance_id: `u${utterance}`,
    start_ms: samplesToMs(start),
    end_ms: samplesToMs(end),
  };
}
