import type { CaptionFormat } from '../../../js/src/index.js';

const contentTypes: Readonly<Record<CaptionFormat, string>> = {
  txt: 'text/plain',
  srt: 'application/x-subrip',
  vtt: 'text/vtt',
  tsv: 'text/tab-separated-values',
  json: 'application/json',
};

/** Gives somebody a text as a file. @param stem Its name without the ending. */
export function saveFile(stem: string, format: CaptionFormat, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: contentTypes[format] }));
  const link = document.createElement('a');
  link.href = url;
  link.download = `${stem}.${format}`;
  link.click();
  // The browser reads it after the click.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
