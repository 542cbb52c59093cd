import {
  formatTranscript,
  type TimedWord,
  type Transcript,
  toVerbose,
  transcriptText,
} from '../../transcript/index.js';
import type { TranscriptionForm } from './transcription-form.js';

/** What is sent for a transcript. */
export interface Answer {
  readonly contentType: string;
  readonly body: string;
}

/** Log-probability of a word, in OpenAI's shape of a token. */
export interface Logprob {
  readonly token: string;
  /** At least -13.8, the logarithm of 1e-6. */
  readonly logprob: number;
  readonly bytes: readonly number[];
}

const json = 'application/json; charset=utf-8';
const plain = 'text/plain; charset=utf-8';
const subtitles = { srt: 'application/x-subrip; charset=utf-8', vtt: 'text/vtt; charset=utf-8' };

/** A transcript in the format that was asked for. */
export function answer(transcript: Transcript, form: TranscriptionForm): Answer {
  const { response_format: format } = form;
  switch (format) {
    case 'json':
      return { contentType: json, body: JSON.stringify(plainJson(transcript, form)) };
    case 'verbose_json':
      return { contentType: json, body: JSON.stringify(verboseJson(transcript, form)) };
    case 'text':
      return { contentType: plain, body: text(transcript, form) };
    case 'srt':
    case 'vtt':
      return {
        contentType: subtitles[format],
        body: formatTranscript(transcript, format, { words: false }),
      };
  }
}

/** Every word with its probability; together the tokens are the text. */
export function logprobs(words: readonly TimedWord[], isFirst: boolean): Logprob[] {
  return words.map(({ word, probability, spaceBefore }, index) => {
    const token = spaceBefore && !(isFirst && index === 0) ? ` ${word}` : word;
    const logprob = Math.log(Math.max(probability, 1e-6));
    return { token, logprob, bytes: [...Buffer.from(token)] };
  });
}

function plainJson(transcript: Transcript, { include }: TranscriptionForm) {
  const words = transcript.segments.flatMap((segment) => segment.words);
  return {
    text: transcriptText(transcript),
    ...(include.length > 0 && { logprobs: logprobs(words, true) }),
    usage: usage(transcript),
  };
}

function verboseJson(
  transcript: Transcript,
  { timestamp_granularities: asked }: TranscriptionForm,
) {
  const { segments, ...verbose } = toVerbose(transcript, asked.includes('word'));
  return {
    ...verbose,
    // What is written down of a translation is English, whatever was spoken.
    ...(transcript.task === 'translate' && { language: 'english' }),
    // As at OpenAI: words alone are words alone.
    ...((asked.length === 0 || asked.includes('segment')) && { segments }),
    usage: usage(transcript),
  };
}

/** One line; one for each sentence where they are of different channels. */
function text(transcript: Transcript, { channels }: TranscriptionForm): string {
  return channels === 'split'
    ? formatTranscript(transcript, 'txt', { words: false })
    : `${transcriptText(transcript)}\n`;
}

/** OpenAI counts begun seconds. */
function usage({ durationMs }: Transcript) {
  return { type: 'duration', seconds: Math.ceil(durationMs / 1_000) };
}
