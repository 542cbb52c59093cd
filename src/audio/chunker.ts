import { msToSamples, samplesToMs } from './pcm.js';
import { UtteranceAudio } from './utterance-audio.js';
import { frameSamples } from './voice-activity.js';

export interface ChunkerOptions {
  /** Probability from which a frame counts as speech; below it minus 0.15 it counts as silence. */
  readonly speechThreshold: number;
  /** Silence that ends an utterance. */
  readonly endpointMs: number;
  /** Audio before the first speech frame that belongs to the utterance. */
  readonly preRollMs: number;
  /** Shortest run of speech that starts an utterance. */
  readonly minSpeechMs: number;
  /** Audio between two partial windows. */
  readonly partialIntervalMs: number;
  /** Longest window; a longer utterance is cut at its quietest point. */
  readonly maxWindowMs: number;
}

/** Audio of one utterance, from its start. Positions are samples on the session's clock. */
export interface UtteranceWindow {
  /** 1, 2, 3 … within the session. */
  readonly utterance: number;
  readonly start: number;
  readonly end: number;
  /** 16 kHz mono s16, `end - start` samples. Never written to afterwards. */
  readonly pcm: Int16Array;
}

export type FinalCause = 'endpoint' | 'cut' | 'finalize' | 'end';

export type ChunkerEvent =
  | { readonly kind: 'speech_started'; readonly at: number }
  /**
   * `speculative`: the speaker just fell silent, and the window is the final one, should nothing more
   * be said.
   */
  | { readonly kind: 'partial'; readonly window: UtteranceWindow; readonly speculative: boolean }
  | { readonly kind: 'final'; readonly window: UtteranceWindow; readonly cause: FinalCause }
  | { readonly kind: 'speech_ended'; readonly at: number }
  /** Audio that is in no utterance and never will be. */
  | { readonly kind: 'silence'; readonly start: number; readonly end: number };

/** Silero's own hysteresis: what is between the two thresholds stays what it was. */
const hysteresis = 0.15;
/**
 * Audio from noticing speech to the first partial window. The model makes other words of less: the
 * first word is right in a third of the windows that end 0.3 s after it began, in three quarters of
 * those that end after 0.6 s (measured); and an answer that is useless only delays the next.
 */
const firstPartialMs = 416;
/** Silence kept after the last speech frame: word ends fade below the threshold. */
const postRollMs = 200;
/** An utterance longer than this ends at ever shorter pauses, so that no window grows long … */
const patienceMs = 8_000;
/** … down to a pause of this length … */
const shortestEndpointMs = 160;
/** … once it is this long. */
const patienceEndsMs = 18_000;
/** Silence is passed on in steps of this length, so that it costs next to nothing. */
const silenceStepMs = 1_000;
/** An utterance that has to be cut is cut at the quietest frame of its last quarter. */
const cutSearchShare = 0.25;

/**
 * Cuts a session's audio into windows: *partial* ones every interval while someone speaks, a *final*
 * one at the endpoint or before the longest window. Every sample ends up in exactly one final window
 * or one silence.
 *
 * It decides frame by frame on the audio's own clock, so that the same audio gives the same windows
 * whatever the size of the pieces it came in.
 */
export class Chunker {
  #options: ChunkerOptions;
  /** Position after the last frame taken. */
  #position = 0;
  /** Everything before this is in a final window or a silence already. */
  #settled = 0;
  /** The audio from `#settled` on: an utterance, or the silence before the next. */
  #audio = new UtteranceAudio();
  #utterance = 0;
  #speaking = false;
  /** Frames of speech in a row while not speaking. */
  #onset = 0;
  /** Position after the last frame of speech. */
  #lastSpeech = 0;
  #nextPartial = 0;

  constructor(options: ChunkerOptions) {
    this.#options = options;
  }

  /** Whether an utterance is open. */
  get speaking(): boolean {
    return this.#speaking;
  }

  /** Changes options from the next frame on. */
  configure(options: Partial<ChunkerOptions>): void {
    this.#options = { ...this.#options, ...options };
  }

  /**
   * Takes audio and says what became ready.
   * @param pcm 16 kHz mono s16; a whole number of 512-sample frames.
   * @param probabilities Speech probability of each frame.
   */
  write(pcm: Int16Array, probabilities: Float32Array): ChunkerEvent[] {
    const events: ChunkerEvent[] = [];
    for (let frame = 0; frame < probabilities.length; frame++) {
      const start = frame * frameSamples;
      const samples = pcm.subarray(start, start + frameSamples);
      this.#takeFrame(samples, probabilities[frame] as number, events);
    }
    return events;
  }

  /** Closes the utterance heard so far, if there is one. */
  finalize(cause: 'finalize' | 'end' = 'finalize'): ChunkerEvent[] {
    const events: ChunkerEvent[] = [];
    if (this.#speaking) this.#endUtterance(cause, this.#position, events);
    return events;
  }

  /** Ends the audio, or a stretch of it, with its last, incomplete frame (0 … 511 samples). */
  flush(rest: Int16Array = new Int16Array(0)): ChunkerEvent[] {
    this.#audio.append(rest, 0);
    this.#position += rest.length;
    const events = this.finalize('end');
    this.#passSilence(this.#position, events);
    return events;
  }

  /** Goes on at a later position, behind audio that never came. Only right after `flush`. */
  skipTo(position: number): void {
    this.#position = position;
    this.#settled = position;
    this.#onset = 0;
  }

  /**
   * Goes on where another chunker left off, before anything is written.
   * @param position Sample from which audio follows.
   * @param next The number of the next utterance.
   * @param speaking Whether that begins right here.
   */
  goOn(position: number, next: number, speaking: boolean): void {
    this.skipTo(position);
    this.#utterance = next - 1;
    // What comes before its first word is no pause that could end it.
    if (speaking) this.#beginUtterance(position + msToSamples(this.#options.preRollMs));
  }

  #takeFrame(samples: Int16Array, probability: number, events: ChunkerEvent[]): void {
    this.#audio.append(samples, probability);
    this.#position += samples.length;
    if (this.#speaking) this.#continueUtterance(probability, events);
    else this.#awaitSpeech(probability, events);
  }

  #awaitSpeech(probability: number, events: ChunkerEvent[]): void {
    this.#onset = probability >= this.#options.speechThreshold ? this.#onset + 1 : 0;
    const onsetSamples = this.#onset * frameSamples;
    const firstSpeech = this.#position - onsetSamples;
    const preRoll = msToSamples(this.#options.preRollMs);
    if (this.#onset > 0 && onsetSamples >= msToSamples(this.#options.minSpeechMs)) {
      this.#passSilence(firstSpeech - preRoll, events);
      this.#beginUtterance(this.#position);
      events.push({ kind: 'speech_started', at: firstSpeech });
    } else if (firstSpeech - preRoll - this.#settled >= msToSamples(silenceStepMs)) {
      this.#passSilence(firstSpeech - preRoll, events);
    }
  }

  #beginUtterance(lastSpeech: number): void {
    this.#speaking = true;
    this.#onset = 0;
    this.#utterance++;
    this.#lastSpeech = lastSpeech;
    this.#nextPartial = this.#position + msToSamples(firstPartialMs);
  }

  #continueUtterance(probability: number, events: ChunkerEvent[]): void {
    if (probability >= this.#options.speechThreshold - hysteresis) {
      this.#lastSpeech = this.#position;
    }
    const silence = this.#position - this.#lastSpeech;
    const postRoll = msToSamples(postRollMs);
    if (silence >= this.#endpoint()) {
      this.#endUtterance('endpoint', this.#lastSpeech + postRoll, events);
    } else if (this.#audio.length >= msToSamples(this.#options.maxWindowMs)) {
      this.#cutUtterance(events);
    } else if (silence >= postRoll) {
      // More silence adds no words; what was said is judged once, as soon as it may be all.
      if (silence < postRoll + frameSamples)
        this.#pushPartial(this.#lastSpeech + postRoll, true, events);
    } else if (this.#position >= this.#nextPartial) {
      this.#pushPartial(this.#position, false, events);
    }
  }

  #pushPartial(end: number, speculative: boolean, events: ChunkerEvent[]): void {
    this.#nextPartial = this.#position + msToSamples(this.#options.partialIntervalMs);
    events.push({ kind: 'partial', window: this.#window(end), speculative });
  }

  /** Samples of silence that end the utterance, the fewer the longer it is. */
  #endpoint(): number {
    const asked = this.#options.endpointMs;
    const lengthMs = samplesToMs(this.#audio.length);
    const impatience = Math.min(
      1,
      Math.max(0, (lengthMs - patienceMs) / (patienceEndsMs - patienceMs)),
    );
    const shortest = Math.min(asked, shortestEndpointMs);
    return msToSamples(asked - impatience * (asked - shortest));
  }

  #endUtterance(cause: FinalCause, end: number, events: ChunkerEvent[]): void {
    const window = this.#window(Math.min(end, this.#position));
    events.push({ kind: 'speech_ended', at: this.#lastSpeech });
    events.push({ kind: 'final', window, cause });
    this.#settle(window.end);
    this.#speaking = false;
  }

  /** The utterance goes on as the next one, from the quietest frame near its end. */
  #cutUtterance(events: ChunkerEvent[]): void {
    const searched = Math.floor(this.#audio.length * cutSearchShare);
    const cut = this.#settled + this.#audio.quietestFrame(this.#audio.length - searched);
    events.push({ kind: 'final', window: this.#window(cut), cause: 'cut' });
    this.#settle(cut);
    this.#beginUtterance(this.#lastSpeech);
  }

  #window(end: number): UtteranceWindow {
    const pcm = this.#audio.slice(0, end - this.#settled);
    return { utterance: this.#utterance, start: this.#settled, end, pcm };
  }

  #passSilence(end: number, events: ChunkerEvent[]): void {
    if (end <= this.#settled) return;
    events.push({ kind: 'silence', start: this.#settled, end });
    this.#settle(end);
  }

  #settle(end: number): void {
    this.#audio.dropBefore(end - this.#settled);
    this.#settled = end;
  }
}
