import { type PackedWindow, samplesToMs } from '../audio/index.js';
import {
  type DecodedWindow,
  decodeWindow,
  decodeWithDoubt,
  doubtfulLogprob,
  rungs,
  type SpeechOptions,
  SpokenLanguage,
  type SubmitWindow,
  sureProbability,
} from '../decoding/index.js';

export interface RecordingDecoderOptions {
  /** Names the work to the scheduler. */
  readonly id: string;
  readonly submit: SubmitWindow;
  readonly speech: SpeechOptions;
  /** The language that was settled before an interruption. */
  readonly settledLanguage: string | null;
  readonly signal: AbortSignal;
}

/** A window and what was said in it. */
export interface HeardWindow {
  readonly window: PackedWindow;
  readonly decoded: DecodedWindow;
  /** Whether its language was detected before the recording's was settled. */
  readonly guessed: boolean;
}

/** Windows in a row in another language, after which that is the recording's. */
const switchedAfter = 2;
/** What is held back at most until the language is settled. */
const mostHeld = 4;

/**
 * Decodes a recording's windows in its language. Where that is to be detected, the first windows with words
 * settle it, and are decoded again where they were taken for another; later a window that the model is
 * unsure of may still turn out to be in another.
 */
export class RecordingDecoder {
  readonly #options: RecordingDecoderOptions;
  readonly #language: SpokenLanguage;
  /** Windows in a row that were in another language. */
  #others = 0;

  constructor(options: RecordingDecoderOptions) {
    this.#options = options;
    this.#language = new SpokenLanguage(options.speech.language);
    if (options.settledLanguage) this.#language.detected(options.settledLanguage, 1);
  }

  /** The language asked for or settled; null while it is detected, one window after the other. */
  get language(): string | null {
    const { current } = this.#language;
    return current === 'auto' ? null : current;
  }

  /**
   * Decodes a window, in any order once the language is settled.
   * @throws GatewayError as the scheduler does.
   */
  async decode(window: PackedWindow): Promise<HeardWindow> {
    const { language } = this;
    const decoded = await this.#decodeIn(language ?? 'auto', window);
    if (language !== null) {
      return { window, decoded: await this.#orInAnother(window, decoded), guessed: false };
    }
    if (decoded.words.length > 0) {
      this.#language.detected(decoded.language, decoded.languageProbability);
    }
    return { window, decoded, guessed: true };
  }

  /** Holds results, which come in order, back until the language is settled; passes on all else. */
  async *inItsLanguage<T>(
    results: AsyncIterable<HeardWindow | T>,
  ): AsyncGenerator<HeardWindow | T> {
    const held: (HeardWindow | T)[] = [];
    for await (const result of results) {
      held.push(result);
      if (isHeard(result)) this.#follow(result);
      if (this.language === null && held.length < mostHeld) continue;
      for (const each of held.splice(0)) yield isHeard(each) ? await this.#settled(each) : each;
    }
    yield* held;
  }

  async #settled(heard: HeardWindow): Promise<HeardWindow> {
    const { language } = this;
    const { window, decoded, guessed } = heard;
    if (!guessed || language === null || decoded.language === language) return heard;
    if (decoded.words.length === 0) return heard;
    return { window, decoded: await this.#decodeIn(language, window), guessed: false };
  }

  /** People who change their language do so for longer than a window. */
  #follow({ decoded, guessed }: HeardWindow): void {
    if (guessed || decoded.words.length === 0) return;
    this.#others = decoded.language === this.language ? 0 : this.#others + 1;
    if (this.#others < switchedAfter) return;
    this.#others = 0;
    this.#language.detected(decoded.language, 1);
  }

  /** The same, or what the model is surer of in a language that was not asked for. */
  async #orInAnother(window: PackedWindow, decoded: DecodedWindow): Promise<DecodedWindow> {
    const certain = decoded.words.length === 0 || decoded.logprob >= doubtfulLogprob;
    if (certain || this.#options.speech.language !== 'auto') return decoded;
    const other = await this.#decodeIn('auto', window);
    const better =
      other.language !== decoded.language &&
      other.languageProbability >= sureProbability &&
      other.logprob > decoded.logprob;
    return better ? other : decoded;
  }

  #decodeIn(language: string, { pcm, start }: PackedWindow): Promise<DecodedWindow> {
    const { id, submit, speech, signal } = this.#options;
    const request = {
      sessionId: id,
      lane: 'batch',
      pcm,
      startMs: samplesToMs(start),
      signal,
    } as const;
    return decodeWithDoubt(rungs.tail, (rung) =>
      decodeWindow(submit, request, rung, { ...speech, language }),
    );
  }
}

function isHeard<T>(result: HeardWindow | T): result is HeardWindow {
  return typeof result === 'object' && result !== null && 'decoded' in result;
}
