import type { Final, FinalWord } from './protocol.js';

export const captionFormats = ['txt', 'srt', 'vtt', 'json'] as const;
export type CaptionFormat = (typeof captionFormats)[number];

interface Cue {
  readonly startMs: number;
  readonly endMs: number;
  readonly text: string;
}

/** Two lines of subtitles, as broadcasters have them; characters of Chinese and the like count twice. */
const maxCueWidth = 84;
const maxCueMs = 7_000;

/** Captions as a file: plain text, subtitles, or everything that is known as JSON. */
export function formatCaptions(finals: readonly Final[], format: CaptionFormat): string {
  switch (format) {
    case 'txt':
      return finals.map(({ text }) => `${text}\n`).join('');
    case 'srt':
      return finals
        .flatMap(toCues)
        .map((cue, index) => `${index + 1}\n${times(cue, ',')}\n${cue.text}\n\n`)
        .join('');
    case 'vtt': {
      const cues = finals.flatMap(toCues);
      return `WEBVTT\n\n${cues.map((cue) => `${times(cue, '.')}\n${escapeVtt(cue.text)}\n\n`).join('')}`;
    }
    case 'json':
      return `${JSON.stringify({ captions: finals.map(toJson) }, null, 2)}\n`;
  }
}

function toJson({ start_ms, end_ms, text, language, confidence, words }: Final) {
  return { start_ms, end_ms, text, language, confidence, words };
}

/** An utterance in pieces that can be read while they are shown. */
function toCues({ start_ms, end_ms, text, words }: Final): Cue[] {
  if (!words || words.length === 0) return [{ startMs: start_ms, endMs: end_ms, text }];
  const cues: Cue[] = [];
  let from = 0;
  let place = 0;
  let begin: FinalWord | undefined;
  let last: FinalWord | undefined;
  for (const word of words) {
    const at = text.indexOf(word.word, place);
    // Text and words that do not agree are left whole.
    if (at < 0) return [{ startMs: start_ms, endMs: end_ms, text }];
    const end = at + word.word.length;
    const isFull =
      begin !== undefined &&
      (width(text.slice(from, end)) > maxCueWidth || word.end_ms - begin.start_ms > maxCueMs);
    if (isFull && begin && last) {
      cues.push({ startMs: begin.start_ms, endMs: last.end_ms, text: text.slice(from, at).trim() });
      from = at;
      begin = undefined;
    }
    begin ??= word;
    last = word;
    place = end;
  }
  if (begin && last) {
    cues.push({ startMs: begin.start_ms, endMs: last.end_ms, text: text.slice(from).trim() });
  }
  return cues;
}

function width(text: string): number {
  let sum = 0;
  for (const character of text) sum += character > '\u2e7f' ? 2 : 1;
  return sum;
}

function times({ startMs, endMs }: Cue, point: string): string {
  return `${clock(startMs, point)} --> ${clock(Math.max(endMs, startMs + 1), point)}`;
}

function clock(ms: number, point: string): string {
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
  const seconds = ms / 1_000;
  const fraction = String(Math.floor(ms % 1_000)).padStart(3, '0');
  return `${two(seconds / 3_600)}:${two((seconds / 60) % 60)}:${two(seconds % 60)}${point}${fraction}`;
}

function escapeVtt(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
