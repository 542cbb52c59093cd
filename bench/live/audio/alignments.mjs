import { readFileSync } from 'node:fs';
import { tokens } from '../measure/tokens.mjs';

/**
 * When the words of an utterance are spoken, from its first sample on.
 * @typedef {{ token: string, startMs: number, endMs: number }[]} Alignment
 */

/** @returns {Map<string, Alignment>} By the name of the recording. */
export function readAlignments() {
  const alignments = new Map();
  for (const language of ['english', 'chinese']) {
    const file = new URL(`../alignments/${language}.json`, import.meta.url);
    const { utterances } = JSON.parse(readFileSync(file, 'utf8'));
    for (const [name, utterance] of Object.entries(utterances)) {
      alignments.set(name, alignmentOf(utterance));
    }
  }
  return alignments;
}

/** A word that is compared as several ("mak'st" is one, "wood-cutters" two) gives them its times. */
function alignmentOf({ text, startsMs, endsMs }) {
  return text
    .split(' ')
    .flatMap((word, index) =>
      tokens(word).map(({ token }) => ({ token, startMs: startsMs[index], endMs: endsMs[index] })),
    );
}
