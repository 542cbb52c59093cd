import type { Look } from './page-messages.js';

/** A frame that has not said anything for so long is gone. */
const maxAgeMs = 20_000;

/** What the frames of a page show of the meeting, as one: some services have it in a frame. */
export class PageLooks {
  readonly #looks = new Map<string, { readonly look: Look; readonly at: number }>();

  /** @param now In ms, on any clock. */
  put(page: string, look: Look, now: number): void {
    this.#looks.set(page, { look, at: now });
  }

  /** Another page was loaded: what the old one showed is over. */
  clear(): void {
    this.#looks.clear();
  }

  merged(now: number): Look {
    for (const [page, { at }] of this.#looks) if (now - at > maxAgeMs) this.#looks.delete(page);
    const looks = [...this.#looks.values()].map(({ look }) => look);
    return {
      joined: looks.some(({ joined }) => joined),
      participants: looks.flatMap(({ participants }) => participants),
      owners: Object.assign({}, ...looks.map(({ owners }) => owners)),
    };
  }
}
