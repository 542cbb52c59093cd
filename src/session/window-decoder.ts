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
import type { SessionLanguage } from './session-language.js';

/** Hands a window to the scheduler; `onStarted` is called once it was given a slot. */
export type SubmitWindow = (
  window: AudioWindow,
  signal: AbortSignal,
  onStarted?: () => void,
) => Promise<Hypothesis>;

/** Audio to decode. */
export interface DecodeRequest {
  readonly lane: Lane;
  readonly rung: Rung;
  /** Whether what looks invented is decoded again. */
  readonly redo: boolean;
  /** 16 kHz mono s16. */
  readonly pcm: Int16Array;
  /** Of its first sample, on the session's clock. */
  readonly startMs: number;
  readonly signal: AbortSignal;
  readonly onStarted?: () => void;
}

/** A window's words on the session's clock. */
export interface Decoded {
  readonly words: readonly TimedWord[];
  readonly startMs: number;
  readonly language: string;
  readonly rung: string;
  /** Mean log-probability of the words. */
  readonly logprob: number;
  /** Why the text looks like something that nobody said, at the highest rung that was tried. */
  readonly suspicion: Suspicion | null;
}

/** Decodes a session's windows: in its language, and once more where the text looks invented. */
export class WindowDecoder {
  readonly #sessionId: string;
  readonly #submit: SubmitWindow;
  readonly #language: SessionLanguage;

  constructor(sessionId: string, submit: SubmitWindow, language: SessionLanguage) {
    this.#sessionId = sessionId;
    this.#submit = submit;
    this.#language = language;
  }

  /**
   * Decodes one window. What looks invented is decoded again, where that was asked for, with the full
   * context and temperature fallback; what remains of loops is cut out.
   * @throws GatewayError as the scheduler does.
   */
  async decode(request: DecodeRequest, speech: SpeechOptions): Promise<Decoded> {
    const first = await this.#decodeAt(request.rung, request, speech);
    if (!first.suspicion || !request.redo) return first;
    const second = await this.#decodeAt(rungs.full, request, speech);
    if (!second.suspicion) return second;
    return { ...second, words: withoutLoops(second.words) };
  }

  async #decodeAt(rung: Rung, request: DecodeRequest, speech: SpeechOptions): Promise<Decoded> {
    const { lane, pcm, startMs, signal, onStarted } = request;
    const language = this.#language.current;
    const options = decodeOptions(pcm.length, rung, { ...speech, language });
    const window = { sessionId: this.#sessionId, lane, pcm, options };
    const hypothesis = await this.#submit(window, signal, onStarted);
    if (language === 'auto') {
      this.#language.detected(hypothesis.language, hypothesis.languageProbability);
    }
    const heard = speechWords(hypothesis, 0);
    const chinese = hypothesis.language === 'zh' && speech.task === 'transcribe';
    const words = chinese ? inScript(heard, speech.chineseScript) : heard;
    return {
      words: moveWords(words, startMs),
      startMs,
      language: hypothesis.language,
      rung: rung.name,
      logprob: meanLogprob(hypothesis),
      suspicion: suspicionOf(hypothesis, words, samplesToMs(pcm.length)),
    };
  }
}
