import { Aligner } from './aligner.mjs';
import { shownTokens } from './displays.mjs';
import { followWords } from './follow-words.mjs';
import { countRetractions } from './retractions.mjs';
import { words } from './tokens.mjs';

/**
 * What one stream showed, before it is pooled with others. Delays in milliseconds of real time after
 * a word was spoken; a word can be shown before its end, which makes a delay negative.
 * @typedef {object} StreamMeasures
 * @property {{ spokenMs: number, shownMs: number, committedMs: number | null, finalMs: number | null }[]} delays
 *   One for each recognised word whose times are known.
 * @property {number[]} firstShownMs From the start of each utterance to the first of its words shown.
 * @property {number[]} lastFinalMs From the end of each utterance to the final with its last word, where
 *   that word was recognised.
 * @property {{ tentative: number, committed: number }} retractions
 * @property {number} heardWords Words of the transcript.
 * @property {{ edits: number, words: number }} errors Against the reference.
 * @property {{ edits: number, words: number } | null} offlineErrors Of one-pass decoding, against it.
 * @property {{ edits: number, words: number } | null} differences From one-pass decoding.
 */

/**
 * @param {import('../audio/streams.mjs').Stream} stream
 * @param {readonly import('./displays.mjs').Display[]} displays
 * @param {string | null} offlineText What one-pass decoding of the same audio says.
 * @returns {StreamMeasures}
 */
export function measureStream(stream, displays, offlineText) {
  const followed = followWords(stream.words, displays);
  const recognised = followed.filter((word) => word.recognised && word.timed);
  const heard = displays.length ? shownTokens(displays.at(-1)).map(({ token }) => token) : [];
  const reference = stream.words.map(({ token }) => token);
  const offline = offlineText === null ? null : words(offlineText);
  return {
    delays: recognised.map(({ endMs, shownMs, committedMs, finalMs }) => ({
      spokenMs: endMs,
      shownMs: shownMs - endMs,
      committedMs: committedMs === null ? null : committedMs - endMs,
      finalMs: finalMs === null ? null : finalMs - endMs,
    })),
    ...utteranceDelays(stream.utterances.length, followed),
    retractions: countRetractions(displays),
    heardWords: heard.length,
    errors: errorsOf(reference, heard),
    offlineErrors: offline && errorsOf(reference, offline),
    differences: offline && errorsOf(offline, heard),
  };
}

/**
 * @param {readonly string[]} reference
 * @param {readonly string[]} heard
 */
function errorsOf(reference, heard) {
  return { edits: new Aligner(reference).errors(heard), words: reference.length };
}

function utteranceDelays(count, followed) {
  const firstShownMs = [];
  const lastFinalMs = [];
  for (let utterance = 0; utterance < count; utterance += 1) {
    const ofIt = followed.filter((word) => word.utterance === utterance);
    const [first] = ofIt;
    const last = ofIt.at(-1);
    if (!first?.timed) continue;
    const shown = ofIt.filter(({ recognised }) => recognised).map(({ shownMs }) => shownMs);
    if (shown.length > 0) firstShownMs.push(Math.min(...shown) - first.startMs);
    if (last.recognised && last.finalMs !== null) lastFinalMs.push(last.finalMs - last.endMs);
  }
  return { firstShownMs, lastFinalMs };
}
