import { commonWords } from './common-words.js';
import type { TimedWord } from './words.js';

/** The same words, with the times of another hypothesis where that heard them as well. */
export function takeTimes(words: readonly TimedWord[], from: readonly TimedWord[]): TimedWord[] {
  const taken = [...words];
  for (const { left, right } of commonWords(words, from)) {
    const { startMs, endMs } = from[right] as TimedWord;
    taken[left] = { ...(words[left] as TimedWord), startMs, endMs };
  }
  return taken;
}

/** The same words, none of which begins before the one before it has ended, or outside of these times. */
export function inOrder(words: readonly TimedWord[], fromMs: number, toMs: number): TimedWord[] {
  let nowMs = fromMs;
  return words.map((word) => {
    const startMs = Math.min(Math.max(word.startMs, nowMs), toMs);
    const endMs = Math.min(Math.max(word.endMs, startMs), toMs);
    nowMs = endMs;
    return { ...word, startMs, endMs };
  });
}
