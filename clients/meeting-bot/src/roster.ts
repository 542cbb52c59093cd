import type { Participant } from './page/page-messages.js';

/** A time in which somebody was in the meeting; `toMs` is null while they are. */
export interface Presence {
  readonly fromMs: number;
  toMs: number | null;
}

interface Member {
  readonly name: string | null;
  label: string;
}

/** What changed with the names; a label that was only a number is taken back for what was said before. */
export interface Renamed {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly wasNumber: boolean;
}

/** As long as the gateway lets the name of a speaker be. */
const maxNameLength = 200;

/**
 * Who is who: one label a person. Who comes back with a name under which nobody is present goes on
 * under the same label; two of one name who are present at once are told apart by a number.
 */
export class Roster {
  readonly #present = new Map<string, Member>();
  readonly #presences = new Map<string, Presence[]>();
  #numbers = 0;

  /** Everybody who was ever here, by label. */
  get presences(): ReadonlyMap<string, readonly Presence[]> {
    return this.#presences;
  }

  get size(): number {
    return this.#present.size;
  }

  labelOf(id: string): string | undefined {
    return this.#present.get(id)?.label;
  }

  /** Takes over who is here now. @returns Labels that changed. */
  update(participants: readonly Participant[], atMs: number): Renamed[] {
    const here = new Set(participants.map(({ id }) => id));
    for (const id of this.#present.keys()) if (!here.has(id)) this.#leave(id, atMs);
    const renamed: Renamed[] = [];
    for (const { id, name } of participants) {
      const known = this.#present.get(id);
      if (!known) this.#enter(id, tidy(name), atMs);
      else if (tidy(name) !== null && tidy(name) !== known.name) {
        const wasNumber = known.name === null;
        this.#leave(id, atMs);
        if (wasNumber) this.#forget(known.label, atMs);
        const to = this.#enter(id, tidy(name), atMs);
        renamed.push({ id, from: known.label, to, wasNumber });
      }
    }
    return renamed;
  }

  #enter(id: string, name: string | null, atMs: number): string {
    const label = name === null ? `Participant ${++this.#numbers}` : this.#freeLabel(name);
    this.#present.set(id, { name, label });
    const presences = this.#presences.get(label) ?? [];
    presences.push({ fromMs: atMs, toMs: null });
    this.#presences.set(label, presences);
    return label;
  }

  #leave(id: string, atMs: number): void {
    const label = this.#present.get(id)?.label ?? '';
    const presence = this.#presences.get(label)?.at(-1);
    if (presence) presence.toMs = atMs;
    this.#present.delete(id);
  }

  /** A number gave way to a name at once, as when a page tells names a moment late. */
  #forget(label: string, atMs: number): void {
    const presences = this.#presences.get(label);
    if (presences?.every(({ fromMs }) => fromMs === atMs)) this.#presences.delete(label);
  }

  #freeLabel(name: string): string {
    const taken = new Set([...this.#present.values()].map(({ label }) => label));
    if (!taken.has(name)) return name;
    let number = 2;
    while (taken.has(`${name} (${number})`)) number++;
    return `${name} (${number})`;
  }
}

function tidy(name: string | null): string | null {
  const text = name
    ?.replace(/\s+/g, ' ')
    .trim()
    .slice(0, maxNameLength - 5);
  return text ? text : null;
}
