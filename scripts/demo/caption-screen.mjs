import { wrapText } from './wrap-text.mjs';

const plain = '0';
const bold = '1';
const dim = '2';

/**
 * Captions in a terminal: finals scroll by, and below them the utterances that still grow are drawn
 * anew in place; committed words bold, tentative ones dim.
 */
export class CaptionScreen {
  #out;
  #live = new Map();
  /** Widths of the lines drawn last, from which their rows are counted when the window was resized. */
  #drawn = [];

  /** @param {{ write(text: string): unknown, columns?: number, rows?: number }} out A terminal. */
  constructor(out) {
    this.#out = out;
    out.write('\x1b[?25l');
  }

  partial(event) {
    this.#live.set(event.utterance_id, event);
    this.#draw();
  }

  final(event) {
    this.#live.delete(event.utterance_id);
    this.#draw(event.text ? this.#wrap(event, [{ text: event.text, style: plain }]) : []);
  }

  note(text) {
    this.#draw(wrapText([{ text, style: plain }], this.#columns));
  }

  /** Gives the cursor back. Idempotent. */
  close() {
    this.#live.clear();
    this.#draw();
    this.#out.write('\x1b[?25h');
  }

  get #columns() {
    // The last column stays empty: terminals differ in where the cursor is after it.
    return Math.max(20, (this.#out.columns ?? 80) - 1);
  }

  #wrap({ start_ms }, runs) {
    return wrapText([{ text: `${clock(start_ms)}  `, style: dim }, ...runs], this.#columns);
  }

  #draw(above = []) {
    const rows = this.#drawn.reduce(
      (sum, width) => sum + Math.max(1, Math.ceil(width / (this.#out.columns ?? 80))),
      0,
    );
    const live = [...this.#live.values()].flatMap((event) =>
      this.#wrap(event, [
        { text: event.committed, style: bold },
        { text: event.tentative, style: dim },
      ]),
    );
    // What has scrolled out of the window cannot be reached again, so only its end is drawn.
    const visible = live.slice(-Math.max(1, (this.#out.rows ?? 24) - 2));
    const up = rows > 0 ? `\x1b[${rows}A` : '';
    const text = [...above, ...visible].map((line) => `${line.text}\x1b[K\n`).join('');
    // One write, overwriting before it clears: no frame without captions is ever shown.
    this.#out.write(`${up}\r${text}\x1b[J`);
    this.#drawn = visible.map(({ width }) => width);
  }
}

/** Captions as lines of text, for files and pipes: one line whenever the words changed. */
export class CaptionLog {
  #out;
  #last = '';

  /** @param {{ write(text: string): unknown }} out */
  constructor(out) {
    this.#out = out;
  }

  partial({ start_ms, committed, tentative }) {
    const words = [committed, tentative && `~${tentative.trim()}`].filter(Boolean).join(' ');
    if (words === this.#last || words === '') return;
    this.#last = words;
    this.#out.write(`${clock(start_ms)} … ${words}\n`);
  }

  final({ start_ms, text }) {
    if (text) this.#out.write(`${clock(start_ms)}   ${text}\n`);
  }

  note(text) {
    this.#out.write(`${text}\n`);
  }

  close() {}
}

/** Milliseconds as `m:ss`. */
function clock(ms) {
  const seconds = Math.floor(ms / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
