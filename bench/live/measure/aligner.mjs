/** Fewest edits decide; among equals, most matches do. So an edit outweighs all matches together. */
const edit = 65_536;

/**
 * Aligns a growing and changing text with the words that were really said, by edit distance.
 *
 * Displays change at their end mostly, so the distances to the words that stay are kept.
 */
export class Aligner {
  #reference;
  #heard = [];
  /** One row for each heard word: costs up to every reference word. */
  #rows;

  /** @param {readonly string[]} reference */
  constructor(reference) {
    if (reference.length >= edit) throw new RangeError('too many words in one stream');
    this.#reference = reference;
    this.#rows = [Float64Array.from({ length: reference.length + 1 }, (_, index) => index * edit)];
  }

  /**
   * Where the words of the reference stand among the heard ones. The heard text may stop anywhere in
   * the first `spoken` words of the reference: nothing is expected of what was not said yet.
   * @param {readonly string[]} heard
   * @param {number} [spoken]
   * @returns {Int32Array} For each word of the reference the index of its equal in `heard`, or −1.
   */
  align(heard, spoken = this.#reference.length) {
    this.#extendTo(heard);
    const last = this.#rows[heard.length];
    let end = 0;
    for (let index = 1; index <= spoken; index += 1) if (last[index] <= last[end]) end = index;
    return this.#walkBack(heard.length, end);
  }

  /**
   * Errors of a whole transcript.
   * @param {readonly string[]} heard
   * @returns {number} Substitutions, deletions and insertions.
   */
  errors(heard) {
    this.#extendTo(heard);
    return Math.max(0, Math.ceil(this.#rows[heard.length][this.#reference.length] / edit));
  }

  #extendTo(heard) {
    let same = 0;
    while (same < heard.length && heard[same] === this.#heard[same]) same += 1;
    this.#rows.length = same + 1;
    for (const word of heard.slice(same)) this.#rows.push(this.#nextRow(this.#rows.at(-1), word));
    this.#heard = [...heard];
  }

  #nextRow(above, word) {
    const row = new Float64Array(above.length);
    row[0] = above[0] + edit;
    for (let index = 1; index < row.length; index += 1) {
      const step = this.#reference[index - 1] === word ? -1 : edit;
      row[index] = Math.min(above[index - 1] + step, above[index] + edit, row[index - 1] + edit);
    }
    return row;
  }

  #walkBack(from, end) {
    const matches = new Int32Array(this.#reference.length).fill(-1);
    let index = end;
    let heard = from;
    while (index > 0 && heard > 0) {
      const row = this.#rows[heard];
      const above = this.#rows[heard - 1];
      // Of two equal words in a row the earlier one is taken: it was said first, so that no system
      // looks faster than it was.
      if (row[index] === row[index - 1] + edit) index -= 1;
      else if (row[index] === above[index] + edit) heard -= 1;
      else {
        if (row[index] === above[index - 1] - 1) matches[index - 1] = heard - 1;
        index -= 1;
        heard -= 1;
      }
    }
    return matches;
  }
}
