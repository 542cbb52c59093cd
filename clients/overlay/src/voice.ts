import { textWidth } from './text-width.js';
import { toUnits, type Unit } from './units.js';

/** An utterance as it stands: `committed` only ever grows. */
export interface Heard {
  /** Who speaks: a session. */
  readonly voice: string;
  readonly speaker: string | null;
  readonly language: string;
  readonly utterance: string;
  readonly committed: string;
  readonly tentative: string;
  readonly final: boolean;
}

/** A committed unit that is on no line yet. */
interface Waiting {
  readonly unit: Unit;
  /** Of all that was heard, from everybody. */
  readonly order: number;
}

/** How many utterances are remembered: of those that are over, and of those that are not. */
const maxRemembered = 64;

/** What one session says: what of it waits for a place on the screen, and what may still change. */
export class Voice {
  readonly id: string;
  speaker: string | null = null;
  language = '';
  /** Behind everything that is committed. */
  tentative = '';
  /** Nothing more comes of it. */
  gone = false;
  readonly waiting: Waiting[] = [];
  /** The newest one. */
  #utterance = '';
  /** What was committed of each utterance that is not over: words of an older one may still come. */
  readonly #texts = new Map<string, string>();
  readonly #over: string[] = [];

  constructor(id: string) {
    this.id = id;
  }

  /**
   * @param nextOrder Counts what is heard, from everybody.
   * @returns Whether anything is new.
   */
  hear(heard: Heard, nextOrder: () => number): boolean {
    this.speaker = heard.speaker ?? this.speaker;
    this.language = heard.language || this.language;
    if (this.#over.includes(heard.utterance)) return false;
    if (!this.#texts.has(heard.utterance)) this.#begin(heard.utterance);
    const known = this.#textOf(heard.utterance);
    const added = growth(known, heard.committed);
    for (const unit of toUnits(added, known)) this.waiting.push({ unit, order: nextOrder() });
    this.#texts.set(heard.utterance, known + added);
    if (heard.final) this.#end(heard.utterance);
    if (heard.utterance !== this.#utterance) return added !== '';
    const tentative = heard.final ? '' : heard.tentative;
    const isNew = added !== '' || tentative !== this.tentative;
    this.tentative = tentative;
    return isNew;
  }

  /** Has an utterance count as over, unless it is the one that is being shown. */
  ignore(utterance: string): void {
    if (this.#utterance !== utterance) this.#end(utterance);
  }

  leave(): void {
    this.tentative = '';
    this.gone = true;
  }

  /** The next units, as far as they matter for where a line is broken; those at the end may still change. */
  ahead(width: number): Unit[] {
    const units: Unit[] = [];
    let sum = 0;
    for (const { unit } of this.waiting) {
      units.push(unit);
      sum += textWidth(unit.text);
      if (sum > width) return units;
    }
    return [...units, ...this.tentativeUnits()];
  }

  tentativeUnits(): Unit[] {
    return toUnits(this.tentative, this.#textOf(this.#utterance));
  }

  /** Leaves out what waits and was heard up to a place in the order. */
  leaveOut(upTo: number): void {
    while (this.waiting[0] && this.waiting[0].order <= upTo) this.waiting.shift();
    // What belonged to the last one of those.
    while (this.waiting[0]?.unit.glued) this.waiting.shift();
  }

  #textOf(utterance: string): string {
    return this.#texts.get(utterance) ?? '';
  }

  #begin(utterance: string): void {
    this.#utterance = utterance;
    const [oldest] = this.#texts.keys();
    if (this.#texts.size === maxRemembered) this.#texts.delete(oldest as string);
  }

  #end(utterance: string): void {
    this.#texts.delete(utterance);
    this.#over.push(utterance);
    if (this.#over.length > maxRemembered) this.#over.shift();
  }
}

/**
 * What came behind `known`. Text that does not begin with it (`stable_finals: false`) goes on behind as many
 * words as were shown: what people have read stays as it is.
 */
function growth(known: string, text: string): string {
  if (text.startsWith(known)) return text.slice(known.length);
  if (!/\s/.test(known.trim())) return text.slice(known.length);
  const count = known.split(/\s+/).filter(Boolean).length;
  const rest = text.split(/\s+/).filter(Boolean).slice(count).join(' ');
  return rest === '' ? '' : ` ${rest}`;
}
