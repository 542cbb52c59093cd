import { addition, append, endsLine, fits, type Measure } from './break-line.js';
import { measured, textWidth } from './text-width.js';
import { isPunctuation, type Unit } from './units.js';
import { type Heard, Voice } from './voice.js';

export interface LayoutOptions {
  /** Lines that are shown at most. */
  readonly lines: number;
  /** Their greatest width in characters. */
  readonly chars: number;
  /** How long a line stays after its last word, before another takes its place. */
  readonly minMs: number;
  /** How long lines stay when nobody speaks; 0 for good. */
  readonly clearMs: number;
  /** Whether the first line of somebody else begins with the name. */
  readonly names: boolean;
  /** Whether words are shown that may still change. */
  readonly tentative: boolean;
  /** Width in characters, for those who know more of the letters. */
  readonly width?: Measure;
}

/** A line on the screen. Its place never changes, nor does what stands on it, except for `tentative`. */
export interface Line {
  readonly id: number;
  readonly speaker: string | null;
  readonly language: string;
  /** The name it begins with; empty for none. */
  readonly label: string;
  /** What was put on it, piece by piece; only ever gets longer. */
  readonly committed: readonly string[];
  /** Words behind the committed ones that may still change. */
  readonly tentative: string;
  /** A newer line stands above it: it is the next to leave. */
  readonly past: boolean;
}

export interface Screen {
  /** From top to bottom, always as many as lines may be shown. */
  readonly rows: readonly (Line | null)[];
  /** When something changes although nothing more is heard; null for never. */
  readonly changesAtMs: number | null;
}

/** Lines of words that may wait; of more than that the oldest are left out. */
export const maxWaitingLines = 12;
/** Voices that are remembered, so that what they said is not shown again after a lost connection. */
const maxVoices = 64;
/** A line that is there for less is read by nobody. */
const shortestMs = 100;
/** Share of a line that breaks at phrases leave empty. */
const unfilled = 0.25;

interface OpenLine extends Line {
  readonly committed: string[];
  tentative: string;
  past: boolean;
  readonly voice: Voice;
  readonly row: number;
  /** What the label leaves, in characters. */
  readonly room: number;
  /** When its newest word came, or it was begun. */
  lastMs: number;
}

/** The line that a voice writes on. */
interface Place {
  current: OpenLine | null;
  /** Begun for words that may still change: the voice's next line, or none after all. */
  next: OpenLine | null;
}

/**
 * Puts what is heard on a few lines, each in a row of its own. A line is written from its beginning to its
 * end and stays where it is; the next one takes the row below, and after the last row the first again. The
 * line there leaves for it, once it has been shown for `minMs` after its last word. Until then new words
 * wait; where whole lines wait, that time is divided by one more than there are of them, so that captions
 * fall behind by a few times `minMs` at most, however fast somebody speaks.
 *
 * Knows no clock: times come with every call, in ms, and never go back.
 */
export class LineLayout {
  readonly #options: LayoutOptions;
  readonly #width: Measure;
  readonly #voices = new Map<string, Voice>();
  readonly #places = new Map<Voice, Place>();
  readonly #rows: (OpenLine | null)[];
  #lastRow = -1;
  #lastVoice: Voice | null = null;
  #lastHeardMs = 0;
  #lines = 0;
  #order = 0;

  constructor(options: LayoutOptions) {
    this.#options = options;
    this.#width = options.width ?? textWidth;
    this.#rows = new Array<OpenLine | null>(options.lines).fill(null);
  }

  /** Takes an utterance as it stands now. Older states of it, and those of one that is over, change nothing. */
  hear(heard: Heard, nowMs: number): void {
    const isNew = this.#voice(heard.voice).hear(heard, () => this.#order++);
    if (isNew) this.#lastHeardMs = nowMs;
    this.#leaveOut(maxWaitingLines);
  }

  /** An utterance that is not to be shown, now or later. */
  ignore(voice: string, utterance: string): void {
    this.#voice(voice).ignore(utterance);
  }

  /** Of the words that wait only the newest are worth showing, as many as the screen holds. */
  skipToLatest(): void {
    this.#leaveOut(this.#options.lines);
  }

  /** Somebody has left: nothing more comes. What is committed stays. */
  leave(voice: string): void {
    this.#voices.get(voice)?.leave();
  }

  /** What is on the screen at a time. */
  advance(nowMs: number): Screen {
    this.#clear(nowMs);
    for (const line of this.#shown()) line.tentative = '';
    while (this.#byAge().some((voice) => this.#placeNext(voice, nowMs))) {}
    for (const voice of this.#voices.values()) this.#showTentative(voice, nowMs);
    for (const line of this.#shown()) {
      const { current, next } = this.#place(line.voice);
      line.past = line.row > this.#lastRow && line !== current && line !== next;
    }
    return { rows: this.#rows.map(toLine), changesAtMs: this.#nextChange(nowMs) };
  }

  #voice(id: string): Voice {
    const known = this.#voices.get(id);
    if (known) return known;
    for (const old of this.#voices.values()) {
      if (this.#voices.size < maxVoices) break;
      if (!old.gone || old.waiting.length > 0) continue;
      this.#voices.delete(old.id);
      this.#places.delete(old);
    }
    const voice = new Voice(id);
    this.#voices.set(id, voice);
    this.#places.set(voice, { current: null, next: null });
    return voice;
  }

  #place(voice: Voice): Place {
    return this.#places.get(voice) ?? { current: null, next: null };
  }

  /** Voices with words that wait, the longest wait first. */
  #byAge(): Voice[] {
    const order = ({ waiting }: Voice) => waiting[0]?.order ?? Number.POSITIVE_INFINITY;
    return [...this.#voices.values()]
      .filter(({ waiting }) => waiting.length > 0)
      .sort((a, b) => order(a) - order(b));
  }

  /** Puts the voice's next unit on a line. @returns Whether there was room. */
  #placeNext(voice: Voice, nowMs: number): boolean {
    const unit = voice.waiting[0]?.unit;
    if (!unit) return false;
    const place = this.#place(voice);
    const { current } = place;
    if (unit.glued && isPunctuation(unit.text)) {
      voice.waiting.shift();
      // Where there is no room behind its word, the next line begins with a word all the same.
      if (current && this.#width(append(textOf(current), unit)) <= current.room) put(current, unit);
      return true;
    }
    if (current && !this.#endsAt(current, voice.ahead(this.#options.chars))) {
      voice.waiting.shift();
      put(current, unit, nowMs);
      return true;
    }
    const line = place.next ?? this.#begin(voice, nowMs);
    if (!line) return false;
    place.next = null;
    place.current = line;
    this.#cutToFit(voice, unit, line.room);
    put(line, voice.waiting.shift()?.unit ?? unit, nowMs);
    return true;
  }

  /** Words that may still change go behind those that stand, and on one line more if there is room. */
  #showTentative(voice: Voice, nowMs: number): void {
    const place = this.#place(voice);
    const { current, next: before } = place;
    const isShown = this.#options.tentative && voice.waiting.length === 0;
    const ahead = isShown ? voice.tentativeUnits() : [];
    let line = current;
    let next: OpenLine | null = null;
    for (let unit = ahead[0]; unit; unit = ahead[0]) {
      if (!line || this.#endsAt(line, ahead)) {
        if (next) break;
        next = before ?? this.#begin(voice, nowMs);
        line = next;
        if (!line || !fits('', unit, line.room, this.#width)) break;
      }
      line.tentative += addition(textOf(line), unit);
      ahead.shift();
    }
    if (before && !next) this.#remove(before);
    place.next = next;
  }

  #endsAt(line: OpenLine, ahead: readonly Unit[]): boolean {
    // What is said after somebody else stands below that.
    if (ahead[0]?.begins && line.row !== this.#lastRow) return true;
    return endsLine(textOf(line), ahead, line.room, this.#width);
  }

  /** A line for a voice in the row whose turn it is; null where every line stays for now. */
  #begin(voice: Voice, nowMs: number): OpenLine | null {
    const holdMs = this.#holdMs();
    const count = this.#rows.length;
    for (let step = 1; step <= count; step++) {
      const row = (this.#lastRow + step) % count;
      const before = this.#rows[row];
      if (before && nowMs < before.lastMs + holdMs) continue;
      if (before) this.#remove(before);
      const label = this.#label(voice);
      const line: OpenLine = {
        id: ++this.#lines,
        voice,
        speaker: voice.speaker,
        language: voice.language,
        label,
        room: this.#options.chars - this.#width(label),
        committed: [],
        tentative: '',
        past: false,
        row,
        lastMs: nowMs,
      };
      this.#rows[row] = line;
      this.#lastRow = row;
      this.#lastVoice = voice;
      return line;
    }
    return null;
  }

  /** A name where somebody else has spoken before, at most half a line long. */
  #label(voice: Voice): string {
    const { names, chars } = this.#options;
    if (!names || !voice.speaker || this.#lastVoice === voice) return '';
    let label = '';
    for (const { character } of measured(voice.speaker)) {
      if (this.#width(`${label}${character}…: `) > chars / 2) return `${label}…: `;
      label += character;
    }
    return `${label}: `;
  }

  /** Cuts the voice's next unit where it is longer than a line. */
  #cutToFit(voice: Voice, unit: Unit, room: number): void {
    if (fits('', unit, room, this.#width)) return;
    let head = '';
    for (const { character } of measured(unit.text)) {
      const longer = { ...unit, text: head + character };
      if (head !== '' && !fits('', longer, room, this.#width)) break;
      head += character;
    }
    const { order } = voice.waiting.shift() ?? { order: 0 };
    const rest = unit.text.slice(head.length);
    if (rest)
      voice.waiting.unshift({ order, unit: { ...unit, text: rest, begins: false, space: false } });
    voice.waiting.unshift({ order, unit: { ...unit, text: head } });
  }

  #remove(line: OpenLine): void {
    this.#rows[line.row] = null;
    const place = this.#place(line.voice);
    if (place.current === line) place.current = null;
    if (place.next === line) place.next = null;
    if (line.committed.length > 0 || line.row !== this.#lastRow) return;
    // It never was a line: the next one takes its row, and says again who speaks.
    this.#lastRow--;
    this.#lastVoice = null;
  }

  /** When nobody has said anything for long, the screen is empty. */
  #clear(nowMs: number): void {
    if (this.#options.clearMs === 0 || nowMs < this.#clearsAtMs()) return;
    if (this.#waitingWidth() > 0) return;
    for (const line of this.#shown()) this.#remove(line);
    // What stays tentative for so long is no more to come.
    for (const voice of this.#voices.values()) voice.tentative = '';
    this.#lastRow = -1;
    this.#lastVoice = null;
  }

  #clearsAtMs(): number {
    const { clearMs, minMs } = this.#options;
    const lastMs = Math.max(0, ...this.#shown().map((line) => line.lastMs));
    return Math.max(this.#lastHeardMs + clearMs, lastMs + Math.max(clearMs, minMs));
  }

  /** How long a line stays after its last word: shorter, the more lines wait. */
  #holdMs(): number {
    const { minMs, chars } = this.#options;
    return Math.max(shortestMs, minMs / (1 + Math.floor(this.#waitingWidth() / chars)));
  }

  #waitingWidth(): number {
    return [...this.#voices.values()]
      .flatMap(({ waiting }) => waiting)
      .reduce((sum, { unit }) => sum + widthOf(unit), 0);
  }

  /** Leaves out the oldest words that wait, so that no more than so many lines of them are left. */
  #leaveOut(lines: number): void {
    const most = lines * this.#options.chars;
    if (this.#waitingWidth() <= most) return;
    const newestFirst = [...this.#voices.values()]
      .flatMap(({ waiting }) => waiting)
      .sort((a, b) => b.order - a.order);
    let width = 0;
    const last = newestFirst.find(({ unit }) => {
      width += widthOf(unit);
      return width > most * (1 - unfilled);
    });
    if (last) for (const voice of this.#voices.values()) voice.leaveOut(last.order);
  }

  #shown(): OpenLine[] {
    return this.#rows.filter((line) => line !== null);
  }

  #nextChange(nowMs: number): number | null {
    const shown = this.#shown();
    if (shown.length === 0) return null;
    const isWaiting = this.#waitingWidth() > 0;
    const staysMs = this.#holdMs();
    const times = shown.map(({ lastMs }) => lastMs + staysMs);
    if (!isWaiting && this.#options.clearMs > 0) times.push(this.#clearsAtMs());
    const future = times.filter((time) => time > nowMs);
    return future.length > 0 ? Math.min(...future) : null;
  }
}

function textOf({ committed, tentative }: Line): string {
  return committed.join('') + tentative;
}

function put(line: OpenLine, unit: Unit, nowMs = line.lastMs): void {
  line.committed.push(addition(line.committed.join(''), unit));
  line.lastMs = nowMs;
}

function widthOf({ text, space }: Unit): number {
  return textWidth(text) + Number(space);
}

function toLine(line: OpenLine | null): Line | null {
  if (!line) return null;
  const { id, speaker, language, label, committed, tentative, past } = line;
  return { id, speaker, language, label, committed: [...committed], tentative, past };
}
