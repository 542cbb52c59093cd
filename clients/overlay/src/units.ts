/** What goes on a line as a whole. */
export interface Unit {
  readonly text: string;
  /** Whether a space stands before it, unless it begins a line. */
  readonly space: boolean;
  /** It belongs to the unit before it: the punctuation behind a word, or more of its letters. */
  readonly glued: boolean;
  /** The first of an utterance. */
  readonly begins: boolean;
}

/** Scripts that are written without spaces; a line of them may be broken between any two words. */
const dense =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
const densePunctuation = /[\u3000-\u303F\uFF00-\uFF65]/;
/** May not begin a line. */
const closes = /^[\p{Pe}\p{Pf}\p{Po}\p{Pd}\p{M}々ーっッゃャゅュょョぁァ]+$/u;
/** May not end one. */
const opens = /^[\p{Ps}\p{Pi}]+$/u;

const words = new Intl.Segmenter(undefined, { granularity: 'word' });

/**
 * Cuts a text where lines may be broken.
 * @param before What stands before it in the same utterance; empty at its beginning.
 */
export function toUnits(text: string, before: string): Unit[] {
  const units: Unit[] = [];
  let last = before;
  for (const [chunk] of text.matchAll(/\s*\S+/gu)) {
    const word = chunk.trimStart();
    const isApart = chunk !== word || /\s$/.test(last);
    const parts = dense.test(word) || isDense(word) ? denseParts(word) : [word];
    for (const [index, part] of parts.entries()) {
      const space = index === 0 && isApart;
      const begins = last === '';
      const glued = !space && !begins && belongsTo(last, part);
      units.push({ text: part, space, glued, begins });
      last = part;
    }
  }
  return units;
}

/** Whether two texts are written without a space between them, though each is a sentence. */
export function joinsWithoutSpace(before: string, after: string): boolean {
  return isDense(before.slice(-1)) || isDense([...after][0] ?? '');
}

/** Punctuation only. */
export function isPunctuation(text: string): boolean {
  return !/[\p{L}\p{N}]/u.test(text);
}

function isDense(text: string): boolean {
  return dense.test(text) || densePunctuation.test(text);
}

function belongsTo(before: string, after: string): boolean {
  return closes.test(after) || !joinsWithoutSpace(before, after);
}

/** Words of a text without spaces; punctuation stays with the word that it closes or opens. */
function denseParts(text: string): string[] {
  const parts: string[] = [];
  let opening = '';
  for (const { segment } of words.segment(text)) {
    if (opens.test(segment)) opening += segment;
    else if (closes.test(segment) && parts.length > 0 && !opening) {
      parts.push(`${parts.pop()}${segment}`);
    } else {
      parts.push(opening + segment);
      opening = '';
    }
  }
  return opening ? [...parts, opening] : parts;
}
