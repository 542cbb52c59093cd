/** Gives every speaker a colour: the one that is set for the name, or one that no other speaker has. */
export class SpeakerColours {
  readonly #free: readonly string[];
  readonly #given = new Map<string, string>();

  /** @param colors As the parameter: `ffd166,7cc7ff,Anna:8ce99a`. */
  constructor(colors: string) {
    const parts = colors.split(',').filter(Boolean);
    this.#free = parts.filter((part) => !part.includes(':'));
    for (const part of parts) {
      const at = part.lastIndexOf(':');
      if (at >= 0) this.#given.set(part.slice(0, at).trim(), part.slice(at + 1));
    }
  }

  /** Null where there are none. */
  of(speaker: string): string | null {
    const known = this.#given.get(speaker);
    if (known) return known;
    if (this.#free.length === 0) return null;
    // By the name, so that every screen in a room has the same colours; the next one where it is taken.
    const taken = new Set(this.#given.values());
    const place = hash(speaker) % this.#free.length;
    const turns = [...this.#free.slice(place), ...this.#free.slice(0, place)];
    const colour = turns.find((each) => !taken.has(each)) ?? (turns[0] as string);
    this.#given.set(speaker, colour);
    return colour;
  }
}

function hash(text: string): number {
  let sum = 0;
  for (const character of text) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) >>> 0;
  return sum;
}
