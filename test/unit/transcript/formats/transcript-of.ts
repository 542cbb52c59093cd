import { type TimedWord, type Transcript, toSegments } from '../../../../src/transcript/index.js';

/** Words that follow each other without a gap, 300 ms each, from `startMs` on. */
export function wordsOf(text: string, startMs = 0, lengthMs = 300): TimedWord[] {
  const unspaced = /\p{Script=Han}|\p{Script=Hiragana}/u.test(text);
  const pieces = unspaced ? (text.match(/.\p{P}*/gu) ?? []) : text.split(' ');
  return pieces.map((word, index) => ({
    word,
    startMs: startMs + index * lengthMs,
    endMs: startMs + (index + 1) * lengthMs,
    probability: 0.9,
    spaceBefore: !unspaced,
  }));
}

/** A transcript of these words, in sentences. */
export function transcriptOf(
  words: readonly TimedWord[],
  channel: number | null = null,
): Transcript {
  const heard = [{ words, language: 'en', noSpeechProbability: 0.1 }];
  const durationMs = (words.at(-1)?.endMs ?? 0) + 500;
  return { task: 'transcribe', language: 'en', durationMs, segments: toSegments(heard, channel) };
}
