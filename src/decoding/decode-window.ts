import { samplesToMs } from '../audio/index.js';
import type { AudioWindow, Hypothesis, Lane } from '../engine/index.js';
import {
  inScript,
  meanLogprob,
  moveWords,
  type Suspicion,
  speechWords,
  suspicionOf,
  type TimedWord,
  withoutLoops,
} from '../transcript/index.js';
import { decodeOptions, type Rung, rungs, type SpeechOptions } from './decode-options.js';

/** Hands a window to the scheduler; `onStarted` is called once it was given a slot. */
export type SubmitWindow = (
  window: AudioWindow,
  signal: AbortSignal,
  onStarted?: () => void,
) => Promise<Hypothesis>;

/** Audio to decode. */
export interface DecodeRequest {
  readonly sessionId: string;
  readonly lane: Lane;
  /** 16 kHz mono s16. */
  readonly pcm: Int16Array;
  /** Of its first sample, on the clock that the words are to have. */
  readonly startMs: number;
  readonly signal: AbortSignal;
  readonly onStarted?: () => void;
}

/** What was said in a window, and how sure that is. */
export interface DecodedWindow {
  readonly words: readonly TimedWord[];
  readonly startMs: number;
  readonly rung: string;
  /** ISO 639-1 code: the one asked for, or the one detected. */
  readonly language: string;
  /** 0 … 1; 1 where the language was asked for. */
  readonly languageProbability: number;
  /** Mean log-probability of the words. */
  readonly logprob: number;
  /** 0 … 1; the highest of its segments. */
  readonly noSpeechProbability: number;
  /** Why the text looks like something that nobody said; null where it does not. */
  readonly suspicion: Suspicion | null;
}

/**
 * Decodes a window once, in the language that `speech` names, and leaves out what is no speech.
 * @throws GatewayError as the scheduler does.
 */
export async function decodeWindow(
  submit: SubmitWindow,
  request: DecodeRequest,
  rung: Rung,
  speech: SpeechOptions,
): Promise<DecodedWindow> {
  const { sessionId, lane, pcm, startMs, signal, onStarted } = request;
  const options = decodeOptions(pcm.length, rung, speech);
  const hypothesis = await submit({ sessionId, lane, pcm, options }, signal, onStarted);
  const heard = speechWords(hypothesis, 0);
  const chinese = hypothesis.language === 'zh' && speech.task === 'transcribe';
  const words = chinese ? inScript(heard, speech.chineseScript) : heard;
  return {
    words: moveWords(words, startMs),
    startMs,
    rung: rung.name,
    language: hypothesis.language,
    languageProbability: hypothesis.languageProbability,
    logprob: meanLogprob(hypothesis),
    noSpeechProbability: Math.max(
      0,
      ...hypothesis.segments.map((segment) => segment.noSpeechProbability),
    ),
    suspicion: suspicionOf(hypothesis, words, samplesToMs(pcm.length)),
  };
}

/**
 * Decodes a window, and once more with the full context and temperature fallback where its text looks
 * invented; what remains of loops is cut out.
 * @param decodeAt Decodes it once.
 */
export async function decodeWithDoubt(
  rung: Rung,
  decodeAt: (rung: Rung) => Promise<DecodedWindow>,
): Promise<DecodedWindow> {
  const first = await decodeAt(rung);
  if (!first.suspicion) return first;
  const second = await decodeAt(rungs.full);
  return second.suspicion ? { ...second, words: withoutLoops(second.words) } : second;
}
