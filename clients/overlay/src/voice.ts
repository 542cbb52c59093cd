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

/** Utterances that are known to be over. */
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
  #utterance = '';
  /** What was committed of the utterance. */
  #text = '';
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
    if (this.#utterance !== heard.utterance) {
      this.#utterance = heard.utterance;
      this.#text = '';
    }
    const added = growth(this.#text, heard.committed);
    for (const unit of toUnits(added, this.#text)) this.waiting.push({ unit, order: nextOrder() });
    this.#text += added;
    if (heard.final) this.#end(heard.utterance);
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
    return toUnits(this.tentative, this.#text);
  }

  /** Leaves out what waits and was heard up to a place in the order. */
  leaveOut(upTo: number): void {
    while (this.waiting[0] && this.waiting[0].order <= upTo) this.waiting.shift();
    // What belonged to the last one of those.
    while (this.waiting[0]?.unit.glued) this.waiting.shift();
  }

  #end(utterance: string): void {
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
