/** A piece of text that is spoken at once, and whether a sentence ends with it. */
export interface SpokenPiece {
  readonly text: string;
  readonly endsSentence: boolean;
}

/** Abbreviations after which a sentence goes on, in lower case and without their last full stop. */
const abbreviations = new Set(
  'mr mrs ms dr prof st mt vs no vol fig gen col lt capt sgt rev hon jr sr e.g i.e cf approx ca dept est inc ltd bzw z.b d.h nr str m mme mlle sr sra'.split(
    ' ',
  ),
);

/** Where a piece that is too long is cut, the best places first. */
const places = [/[;:—–；：]\s*/gu, /[,，、،]\s*/gu, /\s+/gu] as const;

/**
 * Cuts a text into sentences, and sentences longer than `maxChars` at clauses, else between words, else
 * between characters. Boundaries are those of Unicode (UAX 29), which know the full stops of Chinese and
 * Japanese; what it does not know, abbreviations and initials, is joined again.
 */
export function splitSentences(text: string, maxChars: number): SpokenPiece[] {
  return sentencesOf(text).flatMap((sentence) => {
    const pieces = cutLong(sentence, maxChars);
    return pieces.map((piece, index) => ({
      text: piece,
      endsSentence: index === pieces.length - 1,
    }));
  });
}

function sentencesOf(text: string): string[] {
  const sentences: string[] = [];
  let begun = '';
  for (const { segment } of new Intl.Segmenter('en', { granularity: 'sentence' }).segment(text)) {
    begun += segment;
    if (goesOn(begun)) continue;
    sentences.push(begun);
    begun = '';
  }
  return [...sentences, begun].map(onOneLine).filter(Boolean);
}

/** Whether the full stop at the end belongs to an abbreviation or an initial ("J. K. Rowling"). */
function goesOn(text: string): boolean {
  if (/[\r\n]\s*$/u.test(text)) return false;
  const last = /(?:^|[\s("'“‘])([\p{L}.]+)\.\s+$/u.exec(text)?.[1];
  if (last === undefined) return false;
  return /^\p{Lu}$/u.test(last) ? last !== 'I' : abbreviations.has(last.toLowerCase());
}

function cutLong(sentence: string, maxChars: number): string[] {
  const pieces: string[] = [];
  let rest = sentence;
  while (rest.length > maxChars) {
    const at = placeToCut(rest, maxChars);
    pieces.push(rest.slice(0, at).trim());
    rest = rest.slice(at).trim();
  }
  return [...pieces, rest].filter(Boolean);
}

/** The last place of the best kind that leaves a piece of at least a third of the longest. */
function placeToCut(text: string, maxChars: number): number {
  for (const place of places) {
    const ends = [...text.slice(0, maxChars).matchAll(place)].map(
      ({ index, 0: { length } }) => index + length,
    );
    const last = ends.at(-1);
    if (last !== undefined && last >= maxChars / 3) return last;
  }
  // Half of a surrogate pair is no character.
  return /[\uD800-\uDBFF]/u.test(text.charAt(maxChars - 1)) ? maxChars - 1 : maxChars;
}

function onOneLine(text: string): string {
  return text.replace(/\s+/gu, ' ').trim();
}
