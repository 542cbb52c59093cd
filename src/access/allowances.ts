import { GatewayError } from '../errors/index.js';
import type { Allowance } from './allowance.js';

/** Those that are remembered at the same time. */
const maxRemembered = 100_000;

/** The allowances of many, each made when it is first asked for and forgotten when it says nothing any more. */
export class Allowances {
  readonly #make: (id: string) => Allowance;
  readonly #all = new Map<string, Allowance>();

  constructor(make: (id: string) => Allowance) {
    this.#make = make;
  }

  of(id: string): Allowance {
    const known = this.#all.get(id);
    if (known) return known;
    // Whoever can send from so many addresses is refused by none of the limits, but by memory.
    if (this.#all.size >= maxRemembered) {
      throw new GatewayError('rate_limit_exceeded', { retryAfterMs: 60_000 });
    }
    const made = this.#make(id);
    this.#all.set(id, made);
    return made;
  }

  /** Forgets those without anything to remember. */
  tidy(nowMs: number): void {
    for (const [id, allowance] of this.#all) if (allowance.isFresh(nowMs)) this.#all.delete(id);
  }
}
