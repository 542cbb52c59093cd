/** A file's name on a terminal: nothing in it moves the cursor, changes colours or begins a line. */
export function printable(name: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what has to go.
  return name.replace(/[\u0000-\u001F\u007F-\u009F\u2028-\u202E\u2066-\u2069]/gu, '?');
}
