import {
  type ChunkerEvent,
  msToSamples,
  samplesToMs,
  type UtteranceWindow,
} from '../audio/index.js';
import {
  type DecodedWindow,
  type Rung,
  rungs,
  type SpeechOptions,
  SpokenLanguage,
  type SubmitWindow,
} from '../decoding/index.js';
import { GatewayError } from '../errors/index.js';
import type { PostProcessor } from '../post-processing/index.js';
import type { SessionEvent } from '../protocol/index.js';
import {
  beforeLoop,
  type FinalText,
  joinWords,
  retractedWords,
  revisions,
  type TimedWord,
  type Trimming,
} from '../transcript/index.js';
import type { AudioLedger } from './audio-ledger.js';
import { finalEvent, partialEvent, shownWords } from './caption-events.js';
import type { TranscriberState } from './kept/checkpoint.js';
import { PartialPace } from './partial-pace.js';
import type { SessionMetrics } from './session-metrics.js';
import {
  type Outcome,
  openUtterance,
  restoredUtterance,
  type Utterance,
  utteranceState,
} from './utterance.js';
import { type SessionRequest, WindowDecoder } from './window-decoder.js';

/** What of a client's wishes the transcriber follows; changed by `configure`. */
export interface TranscriberSettings extends SpeechOptions {
  readonly interimResults: boolean;
  readonly wordTimestamps: boolean;
  readonly stableFinals: boolean;
  /** Of utterances that begin from now on. */
  readonly postProcessor: PostProcessor;
}

export interface TranscriberDependencies {
  readonly sessionId: string;
  readonly submit: SubmitWindow;
  readonly emit: (event: SessionEvent) => void;
  readonly ledger: AudioLedger;
  readonly metrics: SessionMetrics;
  readonly warn: (fields: object, message: string) => void;
}

/** Where so much audio lies between two partials, words are not kept waiting for the next one … */
const rarePartialMs = 1_000;
/** … which would have confirmed them, if they end this long before the end of the window. */
const sureBeforeEndMs = 1_000;
const trimming: Trimming = { fromMs: 6_000, keptMs: 2_000 };
/** Under load, where every second of a window makes all sessions wait. */
const loadedTrimming: Trimming = { fromMs: 2_000, keptMs: 1_200 };

/**
 * Turns a session's windows into `partial` and `final` events: submits them to the scheduler, paces
 * partials by the load, and sends the finals in order.
 */
export class Transcriber {
  readonly #deps: TranscriberDependencies;
  #settings: TranscriberSettings;
  readonly #language: SpokenLanguage;
  readonly #decoder: WindowDecoder;
  readonly #pace = new PartialPace();
  readonly #ended = new AbortController();
  /** Those whose final was not sent, in order. */
  readonly #utterances = new Map<number, Utterance>();
  #newest = 0;
  /** Finals that were not sent yet; each one waits for the one before it. */
  readonly #finals: Promise<void>[] = [];
  /** Everything before this sample was shown, or is silence. */
  #processed = 0;
  #rung: string | null = null;

  /** @param from What another gateway left unfinished. */
  constructor(
    deps: TranscriberDependencies,
    settings: TranscriberSettings,
    from?: TranscriberState,
  ) {
    this.#deps = deps;
    this.#settings = settings;
    this.#language = new SpokenLanguage(settings.language);
    this.#decoder = new WindowDecoder(deps.sessionId, deps.submit, this.#language);
    if (from) this.#goOn(from);
  }

  /** What another gateway needs to go on. */
  get state(): TranscriberState {
    const utterances = [...this.#utterances.values()].map(utteranceState);
    return { utterances, newest: this.#newest, language: this.language };
  }

  /** What is being spoken: a code, or `auto` until that is settled. */
  get language(): string {
    return this.#language.current;
  }

  /** How thoroughly what was shown last was decoded; null before that. */
  get rung(): string | null {
    return this.#rung;
  }

  /** Everything before this sample was answered, or is silence. */
  get processed(): number {
    return this.#processed;
  }

  configure(settings: Partial<TranscriberSettings>): void {
    if (settings.language) this.#language.ask(settings.language);
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
        if (this.#settings.interimResults) this.#transcribePartial(event.window, event.speculative);
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

  #goOn({ utterances, newest, language }: TranscriberState): void {
    if (language !== 'auto') this.#language.detected(language, 1);
    this.#newest = newest;
    for (const state of utterances) {
      const utterance = restoredUtterance(state, this.#settings.postProcessor);
      this.#utterances.set(state.number, utterance);
    }
  }

  #transcribePartial(window: UtteranceWindow, speculative: boolean): void {
    const endMs = samplesToMs(window.end);
    // The speaker fell silent: this may be the final window. Guessing is for those who have time.
    const guess = speculative && this.#pace.idle;
    if (!guess && !this.#pace.isDue(endMs)) return;
    const run = this.#pace.begin(endMs);
    const utterance = this.#utterance(window);
    let started = false;
    const outcome = this.#decode(utterance, window, {
      lane: guess ? 'final' : 'partial',
      rung: guess ? this.#finalRung : this.#partialRung,
      redo: false,
      signal: utterance.partials.signal,
      onStarted: () => {
        started = true;
        run.started();
      },
    });
    const speculation = { end: window.end, outcome, hasStarted: () => started };
    utterance.speculation = speculative ? speculation : undefined;
    void outcome.then((answer) => {
      const answered = 'decoded' in answer;
      run.ended(answered);
      if (answered) this.#showPartial(utterance, window, answer.decoded);
    });
  }

  #showPartial(utterance: Utterance, window: UtteranceWindow, decoded: DecodedWindow): void {
    if (utterance.partials.signal.aborted || window.end <= utterance.shownEnd) return;
    // Whoever reads along has one utterance before them, and then the next one.
    if (utterance !== this.#next) {
      if (window.end > (utterance.early?.window.end ?? 0)) utterance.early = { window, decoded };
      return;
    }
    const words = showable(decoded);
    if (!words) return;
    const sinceLast = window.end - Math.max(utterance.shownEnd, window.start);
    utterance.shownEnd = window.end;
    this.#processed = Math.max(this.#processed, window.end);
    const { transcript } = utterance;
    const rare = !decoded.suspicion && samplesToMs(sinceLast) >= rarePartialMs;
    const sureUntilMs = rare ? samplesToMs(window.end) - sureBeforeEndMs : undefined;
    transcript.partial(words, decoded.startMs, sureUntilMs);
    const trimMs = transcript.trimPoint(
      samplesToMs(utterance.start),
      rare ? loadedTrimming : trimming,
    );
    if (trimMs !== null) utterance.start = msToSamples(trimMs);
    this.#measureCommitted(utterance, transcript.committedWords);
    const heard = shownWords(transcript, window);
    this.#measureRetracted(utterance, heard);
    const shown = utterance.text.partial(
      transcript.committedWords,
      heard,
      this.#writtenLanguage(decoded.language),
    );
    this.#deps.emit(partialEvent(window, shown, decoded.rung));
    this.#shown('partial', decoded.rung);
  }

  #transcribeFinal(window: UtteranceWindow): void {
    const utterance = this.#utterance(window);
    utterance.end = window.end;
    this.#deps.ledger.submit(window.utterance, window);
    const submittedAt = performance.now();
    const previous = this.#finals.at(-1);
    const outcome = this.#finalOutcome(utterance, window);
    this.#finals.push(this.#finishAfter(previous, outcome, utterance, window, submittedAt));
  }

  /** The answer to the final window: the one that was guessed to be it, where there is one. */
  async #finalOutcome(utterance: Utterance, window: UtteranceWindow): Promise<Outcome> {
    const { speculation } = utterance;
    if (speculation?.end === window.end && speculation.hasStarted()) {
      const outcome = await speculation.outcome;
      if ('decoded' in outcome && !outcome.decoded.suspicion) return outcome;
    }
    utterance.partials.abort();
    return this.#decode(utterance, window, {
      lane: 'final',
      rung: this.#finalRung,
      redo: true,
      signal: this.#ended.signal,
    });
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
    utterance.partials.abort();
    // What is left when the session ends is shed by its ledger, with the reason of that end.
    if (this.#ended.signal.aborted) return;
    this.#utterances.delete(utterance.number);
    this.#processed = Math.max(this.#processed, window.end);
    if ('error' in outcome) this.#shed(utterance, window, outcome.error);
    else this.#finish(utterance, window, outcome.decoded);
    this.#deps.metrics.endpointToFinal(performance.now() - submittedAt);
    this.#showEarly();
  }

  /** What is known already of the utterance whose turn it is now. */
  #showEarly(): void {
    const next = this.#next;
    if (next?.early) this.#showPartial(next, next.early.window, next.early.decoded);
  }

  #finish(utterance: Utterance, window: UtteranceWindow, decoded: DecodedWindow): void {
    this.#deps.ledger.settle(utterance.number);
    this.#language.judged(decoded.logprob);
    const { stableFinals } = this.#settings;
    const final = utterance.transcript.final(decoded.words, decoded.startMs, stableFinals);
    this.#measureCommitted(utterance, final.words);
    this.#sendFinal(utterance, window, final, decoded.language, decoded.rung);
  }

  #shed(utterance: Utterance, window: UtteranceWindow, error: GatewayError): void {
    this.#deps.ledger.settle(utterance.number, error.code);
    this.#deps.warn({ code: error.code, cause: error.cause }, 'window shed');
    this.#deps.metrics.shed(error.code);
    this.#deps.metrics.failed(error.code);
    const seconds = (samplesToMs(window.end - window.start) / 1000).toFixed(1);
    this.#deps.emit({
      type: 'warning',
      code: 'audio_shed',
      message: `${seconds} s of audio could not be transcribed: ${error.message}`,
    });
    // Words that were committed stay, so the utterance is closed with them.
    const final = utterance.transcript.final([], samplesToMs(window.start), true);
    this.#sendFinal(utterance, window, final, this.#language.current, rungs.lean.name);
  }

  #sendFinal(
    utterance: Utterance,
    window: UtteranceWindow,
    heard: FinalText,
    language: string,
    rung: string,
  ): void {
    this.#measureRetracted(utterance, heard.words);
    const final = this.#postProcessed(utterance, heard, language);
    // Noise that nobody was shown as words needs no empty final.
    if (final.text === '' && utterance.shownEnd === 0) return;
    this.#deps.emit(finalEvent(window, final, language, rung, this.#settings));
    this.#shown('final', rung);
  }

  #shown(type: 'partial' | 'final', rung: string): void {
    this.#rung = rung;
    this.#deps.metrics.shown(type, rung);
  }

  #postProcessed({ text }: Utterance, heard: FinalText, language: string): FinalText {
    const { stableFinals } = this.#settings;
    const { committed } = text;
    const words = text.final(heard.words, this.#writtenLanguage(language), stableFinals);
    if (words === heard.words) return heard;
    const revised = stableFinals ? [] : revisions(committed, words);
    return { ...heard, words, text: joinWords(words), revised };
  }

  /** What is written down of a translation is English, whatever is spoken. */
  #writtenLanguage(spoken: string): string {
    return this.#settings.task === 'translate' ? 'en' : spoken;
  }

  async #decode(
    utterance: Utterance,
    window: UtteranceWindow,
    how: Omit<SessionRequest, 'pcm' | 'startMs'>,
  ): Promise<Outcome> {
    // A final that may revise what was committed hears all of it again.
    const whole = how.lane === 'final' && !this.#settings.stableFinals;
    const start = whole ? window.start : Math.max(utterance.start, window.start);
    const request = {
      ...how,
      pcm: window.pcm.subarray(start - window.start),
      startMs: samplesToMs(start),
    };
    try {
      return { decoded: await this.#decoder.decode(request, this.#settings) };
    } catch (error) {
      return { error: GatewayError.from(error) };
    }
  }

  get #partialRung(): Rung {
    return this.#pace.idle ? rungs.cut : rungs.lean;
  }

  get #finalRung(): Rung {
    return this.#pace.idle ? rungs.tail : rungs.lean;
  }

  /** The utterance that is shown, or will be next. */
  get #next(): Utterance | undefined {
    return this.#utterances.values().next().value;
  }

  #utterance(window: UtteranceWindow): Utterance {
    const known = this.#utterances.get(window.utterance);
    if (known) return known;
    const utterance = openUtterance(window, this.#settings.postProcessor);
    this.#newest = window.utterance;
    this.#utterances.set(window.utterance, utterance);
    return utterance;
  }

  /** The delay from the end of each newly committed word to now, on the audio's own clock. */
  #measureCommitted(utterance: Utterance, words: readonly { endMs: number }[]): void {
    const now = samplesToMs(this.#deps.ledger.received);
    for (const word of words.slice(utterance.measuredWords)) {
      this.#deps.metrics.committed(Math.max(0, now - word.endMs));
    }
    utterance.measuredWords = words.length;
  }

  /** What whoever reads along sees vanish. @param words All that are shown from now on. */
  #measureRetracted(utterance: Utterance, words: readonly TimedWord[]): void {
    this.#deps.metrics.retracted(retractedWords(utterance.shown, words));
    utterance.shown = { words, committed: utterance.transcript.committedWords.length };
  }
}

/** The words of a partial window that may be shown; null for none. */
function showable({ words, suspicion }: DecodedWindow): readonly TimedWord[] | null {
  if (suspicion === null) return words;
  return suspicion === 'loop' ? beforeLoop(words) : null;
}
