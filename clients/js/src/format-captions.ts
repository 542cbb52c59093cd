import type { Final, FinalWord } from './protocol.js';

export const captionFormats = ['txt', 'srt', 'vtt', 'tsv', 'json'] as const;
export type CaptionFormat = (typeof captionFormats)[number];

/** What is written of a caption, and who said it where that is known. A `final` is one. */
export type WrittenCaption = Pick<Final, 'start_ms' | 'end_ms' | 'text'> & {
  readonly speaker?: string;
  readonly language?: string;
  readonly confidence?: number;
  readonly words?: readonly TimedWord[] | undefined;
};

type TimedWord = Pick<FinalWord, 'word' | 'start_ms' | 'end_ms'>;

interface Cue {
  readonly startMs: number;
  readonly endMs: number;
  readonly text: string;
  readonly speaker: string | undefined;
}

/** Two lines of subtitles, as broadcasters have them; characters of Chinese and the like count twice. */
const maxCueWidth = 84;
const maxCueMs = 7_000;

/**
 * Captions as a file: plain text, subtitles, a table of milliseconds and text, or everything that is
 * known as JSON. Several speakers may talk at once: subtitles are in order of their beginnings, and may
 * overlap.
 */
export function formatCaptions(finals: readonly WrittenCaption[], format: CaptionFormat): string {
  switch (format) {
    case 'txt':
      return finals.map(({ speaker, text }) => `${before(speaker)}${text}\n`).join('');
    case 'srt':
      return inOrder(finals)
        .map(
          (cue, index) => `${index + 1}\n${times(cue, ',')}\n${before(cue.speaker)}${cue.text}\n\n`,
        )
        .join('');
    case 'vtt': {
      const cues = inOrder(finals).map(
        (cue) => `${times(cue, '.')}\n${voice(cue.speaker)}${escapeVtt(cue.text)}\n\n`,
      );
      return `WEBVTT\n\n${cues.join('')}`;
    }
    case 'tsv':
      return ['start\tend\ttext', ...finals.map(toRow)].map((row) => `${row}\n`).join('');
    case 'json':
      return `${JSON.stringify({ captions: finals.map(toJson) }, null, 2)}\n`;
  }
}

function toRow({ start_ms, end_ms, text }: WrittenCaption): string {
  return [Math.round(start_ms), Math.round(end_ms), text.replace(/\s+/g, ' ').trim()].join('\t');
}

function toJson(caption: WrittenCaption) {
  const { speaker, start_ms, end_ms, text, language, confidence, words } = caption;
  return { speaker, start_ms, end_ms, text, language, confidence, words };
}

function inOrder(finals: readonly WrittenCaption[]): Cue[] {
  return finals.flatMap(toCues).sort((a, b) => a.startMs - b.startMs);
}

/** An utterance in pieces that can be read while they are shown. */
function toCues({ speaker, start_ms, end_ms, text, words }: WrittenCaption): Cue[] {
  const whole = { startMs: start_ms, endMs: end_ms, text, speaker };
  if (!words || words.length === 0) return [whole];
  const cues: Cue[] = [];
  let from = 0;
  let place = 0;
  let begin: TimedWord | undefined;
  let last: TimedWord | undefined;
  for (const word of words) {
    const at = text.indexOf(word.word, place);
    // Text and words that do not agree are left whole.
    if (at < 0) return [whole];
    const end = at + word.word.length;
    const isFull =
      begin !== undefined &&
      (width(text.slice(from, end)) > maxCueWidth || word.end_ms - begin.start_ms > maxCueMs);
    if (isFull && begin && last) {
      const said = text.slice(from, at).trim();
      cues.push({ startMs: begin.start_ms, endMs: last.end_ms, text: said, speaker });
      from = at;
      begin = undefined;
    }
    begin ??= word;
    last = word;
    place = end;
  }
  if (begin && last) {
    const said = text.slice(from).trim();
    cues.push({ startMs: begin.start_ms, endMs: last.end_ms, text: said, speaker });
  }
  return cues;
}

function before(speaker: string | undefined): string {
  return speaker === undefined ? '' : `${speaker}: `;
}

/** Who speaks, as WebVTT has it. */
function voice(speaker: string | undefined): string {
  return speaker === undefined ? '' : `<v ${escapeVtt(speaker.replace(/\s+/g, ' '))}>`;
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
