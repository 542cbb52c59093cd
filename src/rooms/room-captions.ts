import { type Cue, type TimedWord, toCues, writeVtt } from '../transcript/index.js';
import type { Known, Said } from './room-state.js';
import type { Final } from './speaker-lines.js';

/** What a cue takes beside its text. */
const bytesOfCue = 200;
/** Sessions whose words another gateway is told that it need not send, the newest ones. */
const maxKnown = 1_000;

/** What was said in a room so far, as subtitles on one clock; the oldest goes where it grows too long. */
export class RoomCaptions {
  readonly #maxBytes: number;
  readonly #said: Said[] = [];
  #bytes = 0;
  /** Epoch milliseconds of the room's first sample. */
  #begin: number | null = null;

  /** @param maxBytes What cues may take in memory. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get begun(): number | null {
    return this.#begin;
  }

  /** A session whose first sample is from `startedAt` has begun. */
  begin(startedAt: number): void {
    this.#begin ??= startedAt;
  }

  add(final: Final, startedAt: number, voice: string | null): void {
    const { session_id, utterance_id, seq } = final;
    const cues = cuesOf(final).map(({ startMs, endMs, lines }) => ({
      lines: [...lines],
      start_at: startedAt + startMs,
      end_at: startedAt + endMs,
    }));
    if (cues.length > 0) this.#keep({ session_id, utterance_id, seq, voice, cues });
    this.#trim();
  }

  /** The newest final of each session. */
  known(): Known {
    const newest = this.#said.map(({ session_id, seq }): [string, number] => [session_id, seq]);
    return Object.fromEntries([...new Map(newest)].slice(-maxKnown));
  }

  /** What was said beyond what is known, oldest first. */
  since(known: Known): Said[] {
    return this.#said.filter(({ session_id, seq }) => seq > (known[session_id] ?? 0));
  }

  /** Joins what was heard at another gateway, where the room may have begun before. */
  learn(begin: number | null, said: readonly Said[]): void {
    if (begin !== null) this.#begin = Math.min(begin, this.#begin ?? begin);
    if (said.length === 0) return;
    const heard = new Set(this.#said.map(keyOf));
    for (const words of said) if (!heard.has(keyOf(words))) this.#keep(words);
    this.#said.sort((a, b) => startOf(a) - startOf(b));
    this.#trim();
  }

  toVtt(): string {
    const begin = this.#begin ?? 0;
    const lastOf = new Map<string, { startMs: number; endMs: number }>();
    const cues = this.#said
      .flatMap(({ session_id, voice, cues }) =>
        cues.map(({ lines, start_at, end_at }) => ({
          session_id,
          cue: { startMs: start_at - begin, endMs: end_at - begin, lines, voice },
        })),
      )
      .sort((a, b) => a.cue.startMs - b.cue.startMs);
    for (const { session_id, cue } of cues) {
      // A cue may stay after its last word, but not under the next one.
      const last = lastOf.get(session_id);
      if (last) last.endMs = Math.max(last.startMs + 1, Math.min(last.endMs, cue.startMs));
      lastOf.set(session_id, cue);
    }
    return writeVtt(cues.map(({ cue }) => cue));
  }

  #keep(said: Said): void {
    this.#said.push(said);
    this.#bytes += bytesOf(said);
  }

  #trim(): void {
    while (this.#bytes > this.#maxBytes) this.#bytes -= bytesOf(this.#said.shift() as Said);
  }
}

function bytesOf({ cues, voice }: Said): number {
  const texts = cues.map(({ lines }) => lines.join('').length + (voice?.length ?? 0));
  return texts.reduce((sum, length) => sum + bytesOfCue + 2 * length, 0);
}

function startOf({ cues }: Said): number {
  return cues[0]?.start_at ?? 0;
}

function keyOf({ session_id, utterance_id }: Said): string {
  return `${session_id} ${utterance_id}`;
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
