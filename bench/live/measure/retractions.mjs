import { isCommitted, shownTokens } from './displays.mjs';

/**
 * Words that were shown and then taken back or replaced, between one display and the next. Changes of
 * case and punctuation do not count.
 * @param {readonly import('./displays.mjs').Display[]} displays
 * @returns {{ tentative: number, committed: number }} By what the word was when it was lost; a
 *   committed word that is tentative afterwards is lost as well.
 */
export function countRetractions(displays) {
  const lost = { tentative: 0, committed: 0 };
  let before = [];
  for (const display of displays) {
    const after = shownTokens(display);
    for (const [index, place] of commonWords(before, after).entries()) {
      const was = isCommitted(before[index].state);
      if (place < 0) lost[was ? 'committed' : 'tentative'] += 1;
      else if (was && !isCommitted(after[place].state)) lost.committed += 1;
    }
    before = after;
  }
  return lost;
}

/** For each word of `before` its place in `after`, by their longest common subsequence; −1 for none. */
function commonWords(before, after) {
  const places = new Array(before.length).fill(-1);
  let from = 0;
  while (from < before.length && before[from].token === after[from]?.token) {
    places[from] = from;
    from += 1;
  }
  let back = 0;
  while (
    before.length - back > from &&
    after.length - back > from &&
    before.at(-1 - back).token === after.at(-1 - back).token
  ) {
    back += 1;
    places[before.length - back] = after.length - back;
  }
  const middle = longestCommon(
    before.slice(from, before.length - back),
    after.slice(from, after.length - back),
  );
  for (const [index, place] of middle) places[from + index] = from + place;
  return places;
}

/** Pairs of indices. */
function longestCommon(before, after) {
  const lengths = Array.from(
    { length: before.length + 1 },
    () => new Uint16Array(after.length + 1),
  );
  for (let i = before.length - 1; i >= 0; i -= 1) {
    for (let j = after.length - 1; j >= 0; j -= 1) {
      lengths[i][j] =
        before[i].token === after[j].token
          ? lengths[i + 1][j + 1] + 1
          : Math.max(lengths[i + 1][j], lengths[i][j + 1]);
    }
  }
  const pairs = [];
  for (let i = 0, j = 0; i < before.length && j < after.length; ) {
    if (before[i].token === after[j].token) pairs.push([i++, j++]);
    else if (lengths[i + 1][j] >= lengths[i][j + 1]) i += 1;
    else j += 1;
  }
  return pairs;
}
