import { type AudioClock, type AudioFormat, audioClock } from './audio-clock.js';
import { HeldAudio } from './held-audio.js';

/** A stretch of the recording that no session has heard. */
export interface Gap {
  readonly start_ms: number;
  readonly end_ms: number;
}

/** From a time of the session on, where its clock and that of the recording stand. */
interface Mark {
  readonly sessionMs: number;
  readonly recordingMs: number;
}

/** Unsent audio above which more is not wanted for now, unless less can be held. */
const maxUnsentBytes = 1024 * 1024;
/** Encoded audio that may wait for a connection; raw audio is held by time. */
const maxHeldContainerBytes = 4 * 1024 * 1024;

/**
 * What was recorded: which of it is sent, which is safe with the gateway, and how the clocks of its
 * sessions lie on its own, which counts from its first sample. Sessions may follow each other.
 */
export class Recording {
  /** Unsent bytes from which whoever can wait is to wait: before anything is lost. */
  readonly maxUnsentBytes: number;
  readonly #clock: AudioClock | null;
  readonly #held: HeldAudio;
  readonly #onGap: (gap: Gap) => void;
  #marks: Mark[] = [{ sessionMs: 0, recordingMs: 0 }];
  /** Place of the next byte to send. */
  #sent = 0;
  #safeMs = 0;
  /** When, by `performance.now()`, time 0 of the recording was heard. */
  #heardFrom: number | null = null;

  constructor(format: AudioFormat, maxHeldMs: number, onGap: (gap: Gap) => void) {
    this.#clock = audioClock(format);
    const maxBytes = this.#clock ? this.#clock.toPlace(maxHeldMs) : maxHeldContainerBytes;
    this.maxUnsentBytes = Math.min(maxUnsentBytes, maxBytes / 2);
    this.#held = new HeldAudio(maxBytes);
    this.#onGap = onGap;
  }

  /** Whether it can be gone on with at any place: raw samples can, a container cannot. */
  get seekable(): boolean {
    return this.#clock !== null;
  }

  get unsentBytes(): number {
    return this.#held.end - Math.max(this.#sent, this.#held.start);
  }

  /** Place after the last byte. */
  get end(): number {
    return this.#held.end;
  }

  get sent(): number {
    return this.#sent;
  }

  push(bytes: Uint8Array): void {
    this.#held.push(bytes);
    const now = performance.now();
    // Measured anew for raw samples: a microphone's clock is not quite ours.
    if (this.#clock) this.#heardFrom = now - this.#clock.toMs(this.#held.end);
    else this.#heardFrom ??= now;
  }

  /** The next bytes to send, which count as sent; null where there are none yet. */
  next(maxBytes: number): Uint8Array | null {
    this.#skipLost();
    const bytes = this.#held.read(this.#sent, maxBytes);
    if (!bytes) return null;
    this.#sent += bytes.byteLength;
    if (!this.#clock) this.#held.dropBefore(this.#sent);
    return bytes;
  }

  /** A new session begins with what is not safe yet; with a container, at what comes from now on. */
  beginSession(): void {
    if (this.#clock) {
      this.#sent = this.#clock.toPlace(this.#safeMs);
      this.#marks = [{ sessionMs: 0, recordingMs: this.#clock.toMs(this.#sent) }];
    } else if (this.#sent > 0) {
      const recordingMs = this.#restartContainer();
      this.#marks = [{ sessionMs: 0, recordingMs }];
    }
  }

  /** The session goes on with a new container. @returns Where that begins on the session's clock. */
  continueContainer(): number {
    return Math.round(this.#toSessionMs(this.#restartContainer()));
  }

  /** The session goes on, and has had this much of it. */
  resumeAt(receivedMs: number, receivedBytes: number | undefined): void {
    if (!this.#clock) return;
    const sessionMs = receivedBytes === undefined ? receivedMs : this.#clock.toMs(receivedBytes);
    this.#sent = this.#clock.toPlace(this.toRecordingMs(sessionMs));
  }

  /** Audio before this time of the session need never be sent again. */
  setSafe(sessionMs: number): void {
    this.#safeMs = Math.max(this.#safeMs, this.toRecordingMs(sessionMs));
    if (this.#clock) {
      this.#held.dropBefore(Math.min(this.#clock.toPlace(this.#safeMs), this.#sent));
    }
  }

  toRecordingMs(sessionMs: number): number {
    const mark = this.#marks.findLast((each) => each.sessionMs <= sessionMs) ?? first(this.#marks);
    return mark.recordingMs + (sessionMs - mark.sessionMs);
  }

  /** How long ago a time of the recording was heard. */
  delayMs(recordingMs: number): number {
    if (this.#heardFrom === null) return 0;
    return Math.max(0, performance.now() - this.#heardFrom - recordingMs);
  }

  #toSessionMs(recordingMs: number): number {
    const mark = this.#marks.at(-1) ?? first(this.#marks);
    return mark.sessionMs + (recordingMs - mark.recordingMs);
  }

  /** What was dropped before it could be sent is a jump of the clock. */
  #skipLost(): void {
    if (!this.#clock || this.#sent >= this.#held.start) return;
    const { frameBytes } = this.#clock;
    const from = this.#clock.toMs(this.#sent);
    this.#sent = Math.ceil(this.#held.start / frameBytes) * frameBytes;
    const to = this.#clock.toMs(this.#sent);
    this.#marks.push({ sessionMs: this.#toSessionMs(from), recordingMs: to });
    this.#onGap({ start_ms: Math.round(from), end_ms: Math.round(to) });
  }

  /** @returns Where on the recording's clock the new container begins: now. */
  #restartContainer(): number {
    const now = this.delayMs(0);
    this.#held.dropBefore(this.#held.end);
    this.#sent = this.#held.end;
    this.#onGap({ start_ms: Math.round(this.#safeMs), end_ms: Math.round(now) });
    return now;
  }
}

function first(marks: readonly Mark[]): Mark {
  return marks[0] ?? { sessionMs: 0, recordingMs: 0 };
}
