import { compressionRatio } from '../suspicion.js';
import { type Transcript, transcriptText } from '../transcript.js';
import type { TimedWord } from '../words.js';
import { languageName } from './language-name.js';

/** The `verbose_json` of OpenAI's audio API. Times in seconds. */
export interface VerboseTranscript {
  readonly task: 'transcribe' | 'translate';
  /** In English and lower case, as OpenAI has it: `english`. */
  readonly language: string;
  readonly duration: number;
  readonly text: string;
  readonly segments: readonly VerboseSegment[];
  readonly words?: readonly VerboseWord[];
}

export interface VerboseSegment {
  readonly id: number;
  /** Of the window in OpenAI's terms, in hundredths of a second; here the segment's own start. */
  readonly seek: number;
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** Always empty: the engine gives words. */
  readonly tokens: readonly number[];
  readonly temperature: number;
  readonly avg_logprob: number;
  readonly compression_ratio: number;
  readonly no_speech_prob: number;
  /** 1, 2 …; only where channels were transcribed one by one. */
  readonly channel?: number;
}

export interface VerboseWord {
  readonly word: string;
  readonly start: number;
  readonly end: number;
  readonly channel?: number;
}

/** A transcript as OpenAI's API describes it. @param withWords Adds every word with its times. */
export function toVerbose(transcript: Transcript, withWords: boolean): VerboseTranscript {
  const { task, language, durationMs, segments } = transcript;
  return {
    task,
    language: languageName(language),
    duration: seconds(durationMs),
    text: transcriptText(transcript),
    segments: segments.map((segment, id) => ({
      id,
      seek: Math.round(segment.startMs / 10),
      start: seconds(segment.startMs),
      end: seconds(segment.endMs),
      text: segment.text,
      tokens: [],
      temperature: 0,
      avg_logprob: segment.avgLogprob,
      compression_ratio: compressionRatio(segment.words),
      no_speech_prob: segment.noSpeechProbability,
      ...channelOf(segment.channel),
    })),
    ...(withWords && {
      words: segments.flatMap(({ words, channel }) =>
        words.map((word) => ({ ...verboseWord(word), ...channelOf(channel) })),
      ),
    }),
  };
}

function verboseWord({ word, startMs, endMs }: TimedWord): VerboseWord {
  return { word, start: seconds(startMs), end: seconds(endMs) };
}

function channelOf(channel: number | null): { channel?: number } {
  return channel === null ? {} : { channel: channel + 1 };
}

/** Whole milliseconds, so that no rounding error is shown. */
function seconds(ms: number): number {
  return Math.round(ms) / 1_000;
}
