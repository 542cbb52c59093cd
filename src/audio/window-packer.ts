import { msToSamples } from './pcm.js';
import { UtteranceAudio } from './utterance-audio.js';
import { frameSamples } from './voice-activity.js';

export interface PackerOptions {
  /** Probability from which a frame counts as speech; below it minus 0.15 it counts as silence. */
  readonly speechThreshold: number;
  /** Longest window; at least 8 s. */
  readonly maxWindowMs: number;
}

/** Where packing begins, or goes on. */
export interface PackerStart {
  /** Sample on the recording's clock; a whole number of frames. */
  readonly at: number;
  /** Whether someone is speaking there already. */
  readonly speaking: boolean;
}

/** Speech with its pauses. Positions are samples on the recording's clock. */
export interface PackedWindow {
  readonly start: number;
  readonly end: number;
  /** 16 kHz mono s16, `end - start` samples. Never written to afterwards. */
  readonly pcm: Int16Array;
  /** Where packing would go on behind this window, if nothing before it were heard again. */
  readonly next: PackerStart;
}

/** Silero's own hysteresis: what is between the two thresholds stays what it was. */
const hysteresis = 0.15;
/** Shortest run of speech that counts. */
const onsetFrames = 3;
/** Shortest silence at which a window may end: 160 ms. */
const shortestPauseFrames = 5;
/** Audio before and after speech that belongs to it: onsets are noticed late, and word ends fade. */
const preRoll = 10 * frameSamples;
const postRoll = 6 * frameSamples;
/** A window ends at a silence of this length, whatever fits into it still. */
const longestPauseMs = 2_000;
/** Where a full window is cut, its longest pause behind this share of it is looked for first. */
const cutSearchShare = 0.5;
/** A window is not cut shorter than this for a pause; it would hold too little to understand. */
const shortestCutMs = 4_000;
/** Without any pause, the windows on both sides of a cut hold this much in common. */
const overlapMs = 4_000;
/** It is cut at the quietest frame in this last share of the window. */
const forcedShare = 0.25;

interface Run {
  readonly start: number;
  readonly end: number;
}

/**
 * Packs a recording's speech into windows, as long as they may be, with cuts at the longest pauses. Live
 * captions want every sentence at once (`Chunker`); here long windows are cheaper and give the model more to
 * go by. Where someone speaks on and on, two windows share some seconds, so that the words at the seam are
 * whole in one of them.
 *
 * It decides frame by frame on the audio's own clock: the same audio gives the same windows, also when
 * packing begins again at the `next` of a window.
 */
export class WindowPacker {
  readonly #threshold: number;
  readonly #maxWindow: number;
  /** Position after the last frame taken. */
  #position: number;
  /** Position of the first sample in `#audio`; no window begins before it. */
  #base: number;
  readonly #audio = new UtteranceAudio();
  /** Runs of speech in the window that is being filled, without the one that still goes on. */
  #runs: Run[] = [];
  /** Start of the run that goes on. */
  #runStart: number | null;
  /** Position after the last frame of speech. */
  #lastSpeech: number;
  /** Frames of speech in a row, while no run goes on. */
  #onset = 0;

  constructor(options: PackerOptions, start: PackerStart = { at: 0, speaking: false }) {
    this.#threshold = options.speechThreshold;
    this.#maxWindow = msToSamples(options.maxWindowMs);
    this.#position = this.#base = this.#lastSpeech = start.at;
    this.#runStart = start.speaking ? start.at : null;
  }

  /** Everything before this sample is in a window that was handed out, or is silence. */
  get settled(): number {
    return this.#base;
  }

  /**
   * Takes audio and gives the windows that became full.
   * @param pcm 16 kHz mono s16; a whole number of 512-sample frames.
   * @param probabilities Speech probability of each frame.
   */
  write(pcm: Int16Array, probabilities: Float32Array): PackedWindow[] {
    const windows: PackedWindow[] = [];
    for (const [frame, probability] of probabilities.entries()) {
      const start = frame * frameSamples;
      this.#takeFrame(pcm.subarray(start, start + frameSamples), probability);
      const window = this.#fullWindow();
      if (window) windows.push(window);
    }
    return windows;
  }

  /** The last window, if there is one, with the last incomplete frame (0 … 511 samples). */
  flush(rest: Int16Array = new Int16Array(0)): PackedWindow[] {
    this.#audio.append(rest, 0);
    this.#position += rest.length;
    if (this.#runStart !== null) this.#lastSpeech = this.#position;
    this.#endRun();
    const last = this.#runs.at(-1);
    if (!last) return [];
    const { pcm, start, end } = this.#handOut(last.end + postRoll, this.#position);
    // Where the audio ends on an incomplete frame, packing goes on before it, to find nothing.
    return [{ pcm, start, end, next: { at: wholeFrames(this.#position), speaking: false } }];
  }

  #takeFrame(samples: Int16Array, probability: number): void {
    this.#audio.append(samples, probability);
    this.#position += samples.length;
    if (this.#runStart !== null) {
      if (probability >= this.#threshold - hysteresis) this.#lastSpeech = this.#position;
      const silence = this.#position - this.#lastSpeech;
      if (silence >= shortestPauseFrames * frameSamples) this.#endRun();
    } else {
      this.#onset = probability >= this.#threshold ? this.#onset + 1 : 0;
      if (this.#onset >= onsetFrames) this.#startRun();
    }
  }

  #startRun(): void {
    this.#runStart = this.#position - this.#onset * frameSamples;
    this.#lastSpeech = this.#position;
    this.#onset = 0;
    if (this.#runs.length === 0) this.#dropBefore(this.#runStart - preRoll);
  }

  #endRun(): void {
    if (this.#runStart === null) return;
    this.#runs.push({ start: this.#runStart, end: this.#lastSpeech });
    this.#runStart = null;
  }

  /** The window that this frame has filled. */
  #fullWindow(): PackedWindow | null {
    const last = this.#runs.at(-1);
    if (!last && this.#runStart === null) {
      // Nothing but what may turn out to be the beginning of speech is kept of a silence.
      const kept = preRoll + onsetFrames * frameSamples;
      if (this.#position - this.#base > 2 * kept) this.#dropBefore(this.#position - kept);
      return null;
    }
    const silent = last && this.#runStart === null && this.#onset === 0;
    if (silent && this.#position - last.end >= msToSamples(longestPauseMs)) {
      return this.#handOut(last.end + postRoll, this.#position - preRoll);
    }
    return this.#position - this.#base >= this.#maxWindow ? this.#cut() : null;
  }

  #cut(): PackedWindow {
    const pause = this.#bestPause();
    if (!pause) return this.#cutSpeech();
    const middle = wholeFrames((pause.start + pause.end) / 2);
    const next = Math.max(middle, pause.end - preRoll);
    return this.#handOut(Math.min(pause.start + postRoll, middle), next);
  }

  /** The longest pause in the window's second half, else the last one before that. */
  #bestPause(): Run | null {
    const ends = [...this.#runs.slice(1).map(({ start }) => start), this.#runStart];
    const pauses = this.#runs
      .map(({ end }, index): Run => ({ start: end, end: ends[index] ?? this.#position }))
      .filter(({ start }) => start - this.#base >= msToSamples(shortestCutMs));
    const searched = this.#base + this.#maxWindow * cutSearchShare;
    const late = pauses.filter(({ start }) => start >= searched);
    const longest = late.reduce<Run | null>(
      (best, pause) => (best && best.end - best.start > pause.end - pause.start ? best : pause),
      null,
    );
    return longest ?? pauses.at(-1) ?? null;
  }

  /** Cuts where there is no pause: the quietest frame near the end becomes the middle of an overlap. */
  #cutSpeech(): PackedWindow {
    const half = wholeFrames(msToSamples(overlapMs) / 2);
    const latest = this.#audio.length - half;
    const from = Math.min(latest - frameSamples, this.#audio.length * (1 - forcedShare));
    const seam = this.#base + this.#audio.quietestFrame(from, latest);
    const window = this.#window(seam + half, { at: seam - half, speaking: true });
    this.#runs = [];
    this.#runStart = seam - half;
    this.#dropBefore(seam - half);
    return window;
  }

  /** Ends the window at `end`; what is at or behind `next` goes on as another one. */
  #handOut(end: number, next: number): PackedWindow {
    const window = this.#window(Math.min(end, next), { at: next, speaking: false });
    this.#runs = this.#runs.filter(({ start }) => start >= next);
    this.#dropBefore(next);
    return window;
  }

  #window(end: number, next: PackerStart): PackedWindow {
    const pcm = this.#audio.slice(0, end - this.#base);
    return { start: this.#base, end, pcm, next };
  }

  #dropBefore(position: number): void {
    const count = position - this.#base;
    if (count <= 0) return;
    this.#audio.dropBefore(count);
    this.#base = position;
  }
}

/** Rounded down to where a frame begins. */
function wholeFrames(samples: number): number {
  return Math.floor(samples / frameSamples) * frameSamples;
}
