import { Aligner } from './aligner.mjs';
import { isCommitted, shownTokens } from './displays.mjs';

/**
 * A word of the reference, with when it was spoken on the stream's audio clock.
 * @typedef {object} SpokenWord
 * @property {string} token As `tokens()` gives it.
 * @property {number} startMs
 * @property {number} endMs
 * @property {boolean} timed Whether its times are measured, and not guessed from its neighbours'.
 * @property {number} utterance Index of the utterance it belongs to.
 *
 * The same word with when it appeared; null for never.
 * @typedef {SpokenWord & {
 *   recognised: boolean,
 *   shownMs: number | null,
 *   committedMs: number | null,
 *   finalMs: number | null,
 * }} FollowedWord `recognised`: it stands at its place in the last display.
 */

/**
 * Follows every spoken word through the displays of a stream.
 *
 * At each display the reference, as far as it had begun to be spoken, is aligned with the displayed
 * words by edit distance. A word counts as shown at the first display in which an equal word stands
 * at its aligned place, as committed (final) at the first in which that place is committed (final).
 * @param {readonly SpokenWord[]} reference In the order of their times.
 * @param {readonly import('./displays.mjs').Display[]} displays In the order of their times.
 * @returns {FollowedWord[]}
 */
export function followWords(reference, displays) {
  const aligner = new Aligner(reference.map(({ token }) => token));
  const followed = reference.map((word) => ({
    ...word,
    recognised: false,
    shownMs: null,
    committedMs: null,
    finalMs: null,
  }));
  let spoken = 0;
  for (const display of displays) {
    const { atMs } = display;
    const last = display === displays.at(-1);
    // The whole reference counts in the end, however the clocks of the words may err.
    while (spoken < reference.length && (last || reference[spoken].startMs <= atMs)) spoken += 1;
    const shown = shownTokens(display);
    const places = aligner.align(
      shown.map(({ token }) => token),
      spoken,
    );
    for (const [index, place] of places.entries()) {
      const word = followed[index];
      word.recognised = place >= 0;
      if (place < 0) continue;
      const { state } = shown[place];
      word.shownMs ??= atMs;
      if (isCommitted(state)) word.committedMs ??= atMs;
      if (state === 'final') word.finalMs ??= atMs;
    }
  }
  return followed;
}
