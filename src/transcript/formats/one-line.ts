/** A text without line breaks, tabs and whatever else would end a line or a field of a text file. */
export function oneLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what has to go.
  return text.replace(/[\s\u0000-\u001F\u007F\u0085\u2028\u2029]+/gu, ' ').trim();
}
