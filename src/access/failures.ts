import { GatewayError } from '../errors/index.js';
import { createRate, type Rate } from './rate.js';

/** Addresses that are remembered at the same time; beyond it the one that failed first is forgotten. */
const maxRemembered = 10_000;

/** Keeps those from guessing who show one wrong key after the other. */
export class Failures {
  readonly #aMinute: number;
  readonly #rates = new Map<string, Rate>();

  /** @param aMinute Wrong keys of one address; 0 for any number. */
  constructor(aMinute: number) {
    this.#aMinute = aMinute;
  }

  /** What an address is answered that has failed too often; null where it has not. */
  refusal(address: string, nowMs: number): GatewayError | null {
    const retryAfterMs = this.#rates.get(address)?.wait(nowMs) ?? 0;
    if (retryAfterMs === 0) return null;
    const message = 'Too many wrong keys came from this address.';
    return new GatewayError('rate_limit_exceeded', { message, retryAfterMs });
  }

  /** @returns Whether it is the first one for a while. */
  note(address: string, nowMs: number): boolean {
    if (this.#aMinute === 0) return false;
    const known = this.#rates.get(address);
    const rate = known ?? createRate(this.#aMinute);
    rate.take(nowMs);
    this.#rates.set(address, rate);
    const [first] = this.#rates.keys();
    if (this.#rates.size > maxRemembered && first !== undefined) this.#rates.delete(first);
    return known === undefined;
  }

  /** Forgets those that have not failed for a while. */
  tidy(nowMs: number): void {
    for (const [address, rate] of this.#rates) if (rate.isFull(nowMs)) this.#rates.delete(address);
  }
}
