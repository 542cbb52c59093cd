import type { Transcript } from '../transcript.js';
import { toSrt } from './srt.js';
import { toTsv } from './tsv.js';
import { toTxt } from './txt.js';
import { toVerbose } from './verbose-json.js';
import { toVtt } from './vtt.js';

export interface FormatOptions {
  /** Whether JSON lists every word with its times. */
  readonly words: boolean;
}

const writers = {
  txt: toTxt,
  srt: toSrt,
  vtt: toVtt,
  tsv: toTsv,
  json: (transcript: Transcript, { words }: FormatOptions) =>
    `${JSON.stringify(toVerbose(transcript, words), null, 2)}\n`,
} as const;

/** A file format of transcripts, named as its extension. */
export type TranscriptFormat = keyof typeof writers;

export const transcriptFormats = Object.keys(writers) as readonly TranscriptFormat[];

/** The whole file, to be written as UTF-8. */
export function formatTranscript(
  transcript: Transcript,
  format: TranscriptFormat,
  options: FormatOptions,
): string {
  return writers[format](transcript, options);
}
