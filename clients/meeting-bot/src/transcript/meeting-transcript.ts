import type { Final, WrittenCaption } from '../../../js/src/index.js';

/** One utterance of one person, on the clock of the meeting. */
export interface Line extends WrittenCaption {
  readonly speaker: string;
}

/** A stretch that nobody could write down. */
export interface LostAudio {
  readonly speaker: string;
  readonly start_ms: number;
  readonly end_ms: number;
}

/** Two who begin and end at each other do not talk over each other. */
const minOverlapMs = 200;

/** Everything that was said so far, in order of its beginning, whoever talks at the same time. */
export class MeetingTranscript {
  readonly #maxLines: number;
  readonly #lost: LostAudio[] = [];
  #lines: Line[] = [];
  #isFull = false;

  constructor(maxLines: number) {
    this.#maxLines = maxLines;
  }

  get lines(): readonly Line[] {
    return this.#lines;
  }

  get lost(): readonly LostAudio[] {
    return this.#lost;
  }

  /** Whether something was said that is not in it, because it has as many lines as it may. */
  get isFull(): boolean {
    return this.#isFull;
  }

  /** @param offsetMs Where the clock of the caption begins on that of the meeting. */
  add(speaker: string, offsetMs: number, caption: Final): void {
    if (caption.text === '') return;
    if (this.#lines.length >= this.#maxLines) {
      this.#isFull = true;
      return;
    }
    const at = (ms: number) => Math.round(offsetMs + ms);
    const { start_ms, end_ms, text, language, confidence } = caption;
    const line: Line = {
      speaker,
      start_ms: at(start_ms),
      end_ms: at(end_ms),
      text,
      language,
      confidence,
      words: caption.words?.map((word) => ({
        ...word,
        start_ms: at(word.start_ms),
        end_ms: at(word.end_ms),
      })),
    };
    // Utterances end in another order than they begin, though almost always at the end.
    const before = this.#lines.findLastIndex((other) => other.start_ms <= line.start_ms);
    this.#lines.splice(before + 1, 0, line);
  }

  addLost(lost: LostAudio): void {
    if (this.#lost.length < this.#maxLines) this.#lost.push(lost);
  }

  /** Somebody who was only a number has a name. */
  rename(from: string, to: string): void {
    this.#lines = this.#lines.map((line) =>
      line.speaker === from ? { ...line, speaker: to } : line,
    );
  }
}

/** For each line, who else speaks meanwhile. */
export function overlapsOf(lines: readonly Line[]): string[][] {
  const found = lines.map(() => new Set<string>());
  let open: number[] = [];
  for (const [index, line] of lines.entries()) {
    open = open.filter((each) => (lines[each]?.end_ms ?? 0) - line.start_ms >= minOverlapMs);
    for (const each of open) {
      const other = lines[each];
      const isLongEnough = line.end_ms - line.start_ms >= minOverlapMs;
      if (!other || other.speaker === line.speaker || !isLongEnough) continue;
      found[index]?.add(other.speaker);
      found[each]?.add(line.speaker);
    }
    open.push(index);
  }
  return found.map((speakers) => [...speakers].sort());
}
