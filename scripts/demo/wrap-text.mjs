const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
/** What a terminal draws two columns wide; close enough to Unicode's East Asian Width for captions. */
const wide =
  /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\u3000-\u303f\uff01-\uff60]|^\p{Emoji_Presentation}/u;

/**
 * Breaks styled text into lines of at most `columns`, at spaces where there are any and between
 * characters where a language has none.
 * @param {{ text: string, style: string }[]} runs `style` is an SGR parameter, as `1` for bold.
 * @param {number} columns
 * @returns {{ text: string, width: number }[]} Lines with their escape sequences.
 */
export function wrapText(runs, columns) {
  const lines = [[]];
  for (const cell of runs.flatMap(toCells)) {
    const line = lines.at(-1);
    if (widthOf(line) + cell.width <= columns) line.push(cell);
    else if (cell.text !== ' ') lines.push([...takeUnfinishedWord(line, cell), cell]);
    // A space that does not fit is the break itself.
    else lines.push([]);
  }
  return lines.map((line) => ({ text: paint(line), width: widthOf(line) }));
}

function toCells({ text, style }) {
  return Array.from(graphemes.segment(text), ({ segment }) => ({
    text: segment,
    style,
    width: wide.test(segment) ? 2 : 1,
  }));
}

function widthOf(line) {
  return line.reduce((sum, { width }) => sum + width, 0);
}

/** Takes the cells behind the last space off a full line: the word that `next` goes on with. */
function takeUnfinishedWord(line, next) {
  const space = line.findLastIndex(({ text }) => text === ' ');
  if (space < 0 || next.width === 2 || line.at(-1).width === 2) return [];
  const word = line.splice(space);
  return word.slice(1);
}

function paint(line) {
  let text = '';
  let style = '0';
  for (const cell of line) {
    // Bold and dim do not replace each other, so every change starts from plain.
    if (cell.style !== style) text += cell.style === '0' ? '\x1b[0m' : `\x1b[0;${cell.style}m`;
    style = cell.style;
    text += cell.text;
  }
  return style === '0' ? text : `${text}\x1b[0m`;
}
