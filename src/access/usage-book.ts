import type { AccessStore } from './access-store.js';
import { type DayUsage, dayOf, noUsage, sumUsage, type Usage } from './usage.js';

/** What keys have taken since it was written down last. */
export class UsageBook {
  #pending = new Map<string, DayUsage>();

  add(key: string, taken: Partial<Usage>, nowMs: number): void {
    const day = dayOf(nowMs);
    const entry = `${key} ${day}`;
    const before = this.#pending.get(entry) ?? noUsage;
    this.#pending.set(entry, { key, day, ...sumUsage(before, { ...noUsage, ...taken }) });
  }

  /** Writes it down; where that fails it is kept for the next time. */
  writeTo(store: AccessStore): void {
    if (this.#pending.size === 0) return;
    store.addUsage([...this.#pending.values()]);
    this.#pending = new Map();
  }
}
