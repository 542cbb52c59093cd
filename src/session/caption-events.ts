import { samplesToMs, type UtteranceWindow } from '../audio/index.js';
import type { DecodedWindow } from '../decoding/index.js';
import type { SessionEvent } from '../protocol/index.js';
import type { Agreement, FinalText, TimedWord } from '../transcript/index.js';

/** A last word that begins this close to the end of a partial window may be cut off … */
const cutOffMs = 300;
/** … unless the model is this sure of it. */
const sureProbability = 0.75;

/** The event for a partial window's answer. */
export function partialEvent(
  window: UtteranceWindow,
  { committed, tentative }: Agreement,
  decoded: Pick<DecodedWindow, 'words' | 'rung'>,
): SessionEvent {
  return {
    type: 'partial',
    ...place(window),
    committed,
    tentative: withoutCutOff(tentative, decoded.words.at(-1), samplesToMs(window.end)),
    rung: decoded.rung,
  };
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
      words: final.words.map(({ word, startMs, endMs, probability }) => ({
        word,
        start_ms: startMs,
        end_ms: endMs,
        probability,
      })),
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

/**
 * Tentative text as it is shown. A partial window ends anywhere, and a word that it cuts off is mostly
 * guessed wrong: it counts for agreement, but is not shown.
 */
function withoutCutOff(tentative: string, last: TimedWord | undefined, endMs: number): string {
  const cutOff = last && last.startMs > endMs - cutOffMs && last.probability < sureProbability;
  if (!cutOff || !tentative.endsWith(last.word)) return tentative;
  return tentative.slice(0, -last.word.length).trimEnd();
}
