import { type ChunkerEvent, samplesToMs, type UtteranceWindow } from '../audio/index.js';
import type { AudioWindow, Hypothesis, Lane } from '../engine/index.js';
import { GatewayError } from '../errors/index.js';
import type { SessionEvent } from '../protocol/index.js';
import { type FinalText, speechWords, UtteranceTranscript } from '../transcript/index.js';
import type { AudioLedger } from './audio-ledger.js';
import { decodeOptions, type Rung, rungs, type SpeechOptions } from './decode-options.js';
import type { SessionMetrics } from './session-metrics.js';

/** What of a client's wishes the transcriber follows; changed by `configure`. */
export interface TranscriberSettings extends SpeechOptions {
  readonly interimResults: boolean;
  readonly wordTimestamps: boolean;
  readonly stableFinals: boolean;
}

export interface TranscriberDependencies {
  readonly sessionId: string;
  readonly submit: (window: AudioWindow, signal: AbortSignal) => Promise<Hypothesis>;
  readonly emit: (event: SessionEvent) => void;
  readonly ledger: AudioLedger;
  readonly metrics: SessionMetrics;
  readonly warn: (fields: object, message: string) => void;
}

/** An utterance between its first partial and its final. */
interface Utterance {
  readonly number: number;
  readonly transcript: UtteranceTranscript;
  /** Ends the partial windows that are still on their way. */
  readonly partials: AbortController;
  /** End of the newest window that was shown; an older answer is not shown after it. */
  shownEnd: number;
  committedWords: number;
}

type Outcome = { readonly hypothesis: Hypothesis } | { readonly error: GatewayError };

/** A language is kept for the session once it was detected with this probability. */
const sureLanguage = 0.8;

/**
 * Turns a session's windows into `partial` and `final` events: submits them to the scheduler, drops
 * partials that come too late, and sends the finals in order.
 */
export class Transcriber {
  readonly #deps: TranscriberDependencies;
  #settings: TranscriberSettings;
  readonly #ended = new AbortController();
  readonly #utterances = new Map<number, Utterance>();
  /** Finals that were not sent yet; each one waits for the one before it. */
  readonly #finals: Promise<void>[] = [];
  #detectedLanguage: string | undefined;
  /** Everything before this sample was shown, or is silence. */
  #processed = 0;

  constructor(deps: TranscriberDependencies, settings: TranscriberSettings) {
    this.#deps = deps;
    this.#settings = settings;
  }

  /** Everything before this sample was answered, or is silence. */
  get processed(): number {
    return this.#processed;
  }

  configure(settings: Partial<TranscriberSettings>): void {
    if (settings.language) this.#detectedLanguage = undefined;
    this.#settings = { ...this.#settings, ...settings };
  }

  handle(event: ChunkerEvent): void {
    switch (event.kind) {
      case 'speech_started':
        this.#deps.emit({ type: 'speech_started', at_ms: samplesToMs(event.at) });
        return;
      case 'speech_ended':
        this.#deps.emit({ type: 'speech_ended', at_ms: samplesToMs(event.at) });
        return;
      case 'silence':
        this.#deps.ledger.silence(event);
        this.#processed = Math.max(this.#processed, event.end);
        return;
      case 'partial':
        if (this.#settings.interimResults) void this.#transcribePartial(event.window);
        return;
      case 'final':
        this.#transcribeFinal(event.window);
        return;
    }
  }

  /** Resolves when every final submitted so far was answered. */
  async settled(): Promise<void> {
    await this.#finals.at(-1);
  }

  /** Resolves when the oldest final that is still open was answered. */
  async nextFinal(): Promise<void> {
    await this.#finals[0];
  }

  /** Cancels all work. Idempotent. */
  close(): void {
    this.#ended.abort();
    for (const utterance of this.#utterances.values()) utterance.partials.abort();
  }

  async #transcribePartial(window: UtteranceWindow): Promise<void> {
    const utterance = this.#utterance(window.utterance);
    const outcome = await this.#transcribe('partial', window, utterance.partials.signal);
    if (utterance.partials.signal.aborted || window.end <= utterance.shownEnd) return;
    if ('error' in outcome) return;
    utterance.shownEnd = window.end;
    this.#processed = Math.max(this.#processed, window.end);
    const words = speechWords(outcome.hypothesis, samplesToMs(window.start));
    const { committed, tentative } = utterance.transcript.partial(words);
    this.#measureCommitted(utterance, utterance.transcript.committedWords);
    this.#deps.emit({
      type: 'partial',
      utterance_id: utteranceId(window),
      start_ms: samplesToMs(window.start),
      end_ms: samplesToMs(window.end),
      committed,
      tentative,
      rung: rungs.partial.name,
    });
  }

  #transcribeFinal(window: UtteranceWindow): void {
    const utterance = this.#utterance(window.utterance);
    utterance.partials.abort();
    this.#utterances.delete(window.utterance);
    this.#deps.ledger.submit(window.utterance, window);
    const submittedAt = performance.now();
    const outcome = this.#transcribe('final', window, this.#ended.signal);
    const previous = this.#finals.at(-1);
    this.#finals.push(this.#finishAfter(previous, outcome, utterance, window, submittedAt));
  }

  /** Finals are sent in the order of their audio. */
  async #finishAfter(
    previous: Promise<void> | undefined,
    answer: Promise<Outcome>,
    utterance: Utterance,
    window: UtteranceWindow,
    submittedAt: number,
  ): Promise<void> {
    const outcome = await answer;
    await previous;
    void this.#finals.shift();
    this.#finish(utterance, window, outcome);
    this.#deps.metrics.endpointToFinal(performance.now() - submittedAt);
  }

  #finish(utterance: Utterance, window: UtteranceWindow, outcome: Outcome): void {
    // What is left when the session ends is shed by its ledger, with the reason of that end.
    if (this.#ended.signal.aborted) return;
    this.#processed = Math.max(this.#processed, window.end);
    if ('error' in outcome) {
      this.#shed(utterance, window, outcome.error);
      return;
    }
    this.#deps.ledger.settle(utterance.number);
    const { hypothesis } = outcome;
    const words = speechWords(hypothesis, samplesToMs(window.start));
    const final = utterance.transcript.final(words, this.#settings.stableFinals);
    this.#measureCommitted(utterance, final.words);
    this.#sendFinal(utterance, window, final, hypothesis.language);
  }

  #shed(utterance: Utterance, window: UtteranceWindow, error: GatewayError): void {
    this.#deps.ledger.settle(utterance.number, error.code);
    this.#deps.warn({ code: error.code, cause: error.cause }, 'window shed');
    const seconds = ((window.end - window.start) / 16_000).toFixed(1);
    this.#deps.emit({
      type: 'warning',
      code: 'audio_shed',
      message: `${seconds} s of audio could not be transcribed: ${error.message}`,
    });
    // Words that were committed stay, so the utterance is closed with them.
    const final = utterance.transcript.final([], true);
    this.#sendFinal(utterance, window, final, this.#language());
  }

  #sendFinal(
    utterance: Utterance,
    window: UtteranceWindow,
    final: FinalText,
    language: string,
  ): void {
    // Noise that nobody was shown as words needs no empty final.
    if (final.text === '' && utterance.shownEnd === 0) return;
    const { wordTimestamps, stableFinals } = this.#settings;
    this.#deps.emit({
      type: 'final',
      utterance_id: utteranceId(window),
      start_ms: samplesToMs(window.start),
      end_ms: samplesToMs(window.end),
      text: final.text,
      language,
      confidence: final.confidence,
      ...(wordTimestamps && {
        words: final.words.map(({ word, startMs, endMs, probability }) => ({
          word,
          start_ms: startMs,
          end_ms: endMs,
          probability,
        })),
      }),
      rung: rungs.final.name,
      ...(!stableFinals && { revised: [...final.revised] }),
    });
  }

  async #transcribe(lane: Lane, window: UtteranceWindow, signal: AbortSignal): Promise<Outcome> {
    const rung: Rung = lane === 'final' ? rungs.final : rungs.partial;
    const speech = { ...this.#settings, language: this.#language() };
    const options = decodeOptions(window.pcm.length, rung, speech);
    const { sessionId } = this.#deps;
    try {
      const hypothesis = await this.#deps.submit(
        { sessionId, lane, pcm: window.pcm, options },
        signal,
      );
      if (options.language === 'auto' && hypothesis.languageProbability >= sureLanguage) {
        this.#detectedLanguage = hypothesis.language;
      }
      return { hypothesis };
    } catch (error) {
      return { error: GatewayError.from(error) };
    }
  }

  #language(): string {
    const { language } = this.#settings;
    return language === 'auto' ? (this.#detectedLanguage ?? 'auto') : language;
  }

  #utterance(number: number): Utterance {
    const known = this.#utterances.get(number);
    if (known) return known;
    const utterance: Utterance = {
      number,
      transcript: new UtteranceTranscript(),
      partials: new AbortController(),
      shownEnd: 0,
      committedWords: 0,
    };
    this.#utterances.set(number, utterance);
    return utterance;
  }

  /** The delay from the end of each newly committed word to now, on the audio's own clock. */
  #measureCommitted(utterance: Utterance, words: readonly { endMs: number }[]): void {
    const now = samplesToMs(this.#deps.ledger.received);
    for (const word of words.slice(utterance.committedWords)) {
      this.#deps.metrics.committed(Math.max(0, now - word.endMs));
    }
    utterance.committedWords = words.length;
  }
}

function utteranceId(window: UtteranceWindow): string {
  return `u${window.utterance}`;
}
