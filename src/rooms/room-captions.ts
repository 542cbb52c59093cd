import { type Cue, type TimedWord, toCues, writeVtt } from '../transcript/index.js';
import type { Final } from './speaker-lines.js';

interface RoomCue {
  readonly sessionId: string;
  readonly voice: string | null;
  readonly lines: readonly string[];
  /** Epoch milliseconds. */
  readonly startAt: number;
  endAt: number;
}

/** What a cue takes beside its text. */
const bytesOfCue = 200;

/** What was said in a room so far, as subtitles on one clock; the oldest goes where it grows too long. */
export class RoomCaptions {
  readonly #maxBytes: number;
  readonly #cues: RoomCue[] = [];
  #bytes = 0;
  /** Epoch milliseconds of the room's first sample. */
  #begin: number | undefined;

  /** @param maxBytes What cues may take in memory. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** A session whose first sample is from `startedAt` has begun. */
  begin(startedAt: number): void {
    this.#begin ??= startedAt;
  }

  add(final: Final, startedAt: number, voice: string | null): void {
    const [first, ...others] = cuesOf(final).map(
      ({ startMs, endMs, lines }): RoomCue => ({
        sessionId: final.session_id,
        voice,
        lines,
        startAt: startedAt + startMs,
        endAt: startedAt + endMs,
      }),
    );
    if (!first) return;
    // A cue may stay after its last word, but not under the next one.
    const before = this.#cues.findLast(({ sessionId }) => sessionId === final.session_id);
    if (before) before.endAt = Math.max(before.startAt + 1, Math.min(before.endAt, first.startAt));
    for (const cue of [first, ...others]) {
      this.#cues.push(cue);
      this.#bytes += bytesOf(cue);
    }
    while (this.#bytes > this.#maxBytes) this.#bytes -= bytesOf(this.#cues.shift() as RoomCue);
  }

  toVtt(): string {
    const begin = this.#begin ?? 0;
    const cues = [...this.#cues].sort((a, b) => a.startAt - b.startAt);
    return writeVtt(
      cues.map(({ startAt, endAt, lines, voice }) => ({
        startMs: startAt - begin,
        endMs: endAt - begin,
        lines,
        voice,
      })),
    );
  }
}

function bytesOf({ lines, voice }: RoomCue): number {
  return bytesOfCue + 2 * (lines.join('').length + (voice?.length ?? 0));
}

function cuesOf(final: Final): Cue[] {
  const words = wordsOf(final);
  if (words.length === 0) return [];
  const { start_ms: startMs, end_ms: endMs, text, language } = final;
  const heard = { avgLogprob: 0, noSpeechProbability: 0, channel: null };
  return toCues([{ startMs, endMs, text, words, language, ...heard }]);
}

/** Its words with their times; spread evenly where the client asked for none. */
function wordsOf({ text, words, start_ms, end_ms }: Final): TimedWord[] {
  if (!words) {
    const parts = text.split(/\s+/).filter(Boolean);
    const share = (end_ms - start_ms) / parts.length;
    return parts.map((word, index) => ({
      word,
      startMs: start_ms + index * share,
      endMs: start_ms + (index + 1) * share,
      probability: 1,
      spaceBefore: index > 0,
    }));
  }
  let at = 0;
  return words.map(({ word, start_ms: startMs, end_ms: endMs, probability }) => {
    const found = text.indexOf(word, at);
    const spaceBefore = found < 0 || /\s/.test(text.slice(at, found));
    if (found >= 0) at = found + word.length;
    return { word, startMs, endMs, probability, spaceBefore };
  });
}
