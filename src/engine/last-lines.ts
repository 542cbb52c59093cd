/** The end of a text stream, line by line: what a process said before it died. */
export interface LastLines {
  /** Takes the next piece of text, and returns the lines that it completes. */
  write(text: string): string[];
  /** The last lines, the oldest first; an unfinished one is the last. */
  lines(): string[];
}

/** Keeps `maxLines` lines of at most `maxChars` characters; what is longer is cut. */
export function createLastLines(maxLines: number, maxChars = 500): LastLines {
  const complete: string[] = [];
  let unfinished = '';

  return {
    write(text) {
      const pieces = text.split('\n');
      pieces[0] = unfinished + pieces[0];
      unfinished = (pieces.pop() ?? '').slice(0, maxChars);
      const lines = pieces.map((line) => line.trimEnd().slice(0, maxChars));
      complete.push(...lines.slice(-maxLines));
      complete.splice(0, complete.length - maxLines);
      return lines;
    },
    lines: () => (unfinished ? [...complete, unfinished].slice(-maxLines) : [...complete]),
  };
}
