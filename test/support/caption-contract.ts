import type { LayoutOptions, Line, Screen } from '../../clients/overlay/src/line-layout.js';
import { textWidth } from '../../clients/overlay/src/text-width.js';

interface ShownLine {
  readonly row: number;
  /** What is committed of it. */
  text: string;
  /** When its newest word came. */
  lastMs: number;
  leftMs: number;
}

/** Looks at every frame of an overlay, and expects what it promises. */
export class CaptionContract {
  /** Every line that was shown, by its id. */
  readonly lines = new Map<number, ShownLine>();
  readonly #options: LayoutOptions;
  #before: readonly (Line | null)[] = [];

  constructor(options: LayoutOptions) {
    this.#options = options;
  }

  /** @returns The lines that have left. */
  frame({ rows }: Screen, nowMs: number): readonly ShownLine[] {
    ensure(rows.length === this.#options.lines, 'as many rows as lines');
    const left = rows.flatMap((line, row) => this.#left(row, line, nowMs) ?? []);
    for (const [row, line] of rows.entries()) if (line) this.#shown(row, line, nowMs);
    this.#before = rows;
    return left;
  }

  get text(): string {
    return [...this.lines.values()].map(({ text }) => text).join(' ');
  }

  #shown(row: number, line: Line, nowMs: number): void {
    const committed = line.committed.join('');
    const whole = line.label + committed + line.tentative;
    ensure(textWidth(whole) <= this.#options.chars, `too long: ${whole}`);
    const known = this.lines.get(line.id);
    if (!known) {
      this.lines.set(line.id, { row, text: committed, lastMs: nowMs, leftMs: Infinity });
      return;
    }
    ensure(row === known.row && known.leftMs === Infinity, `another row: ${committed}`);
    ensure(committed.startsWith(known.text), `changed: ${known.text} → ${committed}`);
    if (/[\p{L}\p{N}]/u.test(committed.slice(known.text.length))) known.lastMs = nowMs;
    known.text = committed;
  }

  #left(row: number, line: Line | null, nowMs: number): ShownLine | null {
    const before = this.#before[row];
    const known = before && before.id !== line?.id ? this.lines.get(before.id) : undefined;
    if (!before || !known) return null;
    known.leftMs = nowMs;
    if (before.committed.length > 0) return known;
    // What was never committed was never a line.
    this.lines.delete(before.id);
    return null;
  }
}

/** There are a hundred thousand frames: `expect` takes its time. */
function ensure(condition: boolean, message: string): void {
  if (!condition) throw new Error(message);
}
