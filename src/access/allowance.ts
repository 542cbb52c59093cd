import { GatewayError } from '../errors/index.js';
import { createRate, type Rate } from './rate.js';
import { dayOf, msLeftOfDay } from './usage.js';

/** What somebody may take; 0 is no limit. */
export interface Limits {
  readonly maxConnections: number;
  readonly requestsAMinute: number;
  readonly audioSecondsADay: number;
}

/** When somebody with too many connections should try again. */
const connectionRetryMs = 5_000;

/** What one key, or one address, has taken and may still take. No time, no promises. */
export class Allowance {
  readonly #who: string;
  readonly #limits: Limits;
  readonly #rate: Rate | null;
  #connections = 0;
  #day = '';
  #audioMs = 0;

  /** @param who For people: `This key`. @param audioMs That was taken today already. */
  constructor(who: string, limits: Limits, nowMs: number, audioMs = 0) {
    this.#who = who;
    this.#limits = limits;
    this.#rate = limits.requestsAMinute === 0 ? null : createRate(limits.requestsAMinute);
    this.#day = dayOf(nowMs);
    this.#audioMs = audioMs;
  }

  /** @throws GatewayError `rate_limit_exceeded`. */
  request(nowMs: number): void {
    const retryAfterMs = this.#rate?.take(nowMs) ?? 0;
    if (retryAfterMs === 0) return;
    throw new GatewayError('rate_limit_exceeded', {
      message: `${this.#who} may ask ${this.#limits.requestsAMinute} times a minute.`,
      retryAfterMs,
    });
  }

  /** @throws GatewayError `too_many_connections`. */
  requirePlace(): void {
    const { maxConnections } = this.#limits;
    if (maxConnections === 0 || this.#connections < maxConnections) return;
    throw new GatewayError('too_many_connections', {
      message: `${this.#who} may have ${maxConnections} connections at the same time.`,
      retryAfterMs: connectionRetryMs,
    });
  }

  connected(): void {
    this.#connections++;
  }

  disconnected(): void {
    this.#connections--;
  }

  /** @throws GatewayError `insufficient_quota`. */
  requireAudio(nowMs: number): void {
    const { audioSecondsADay } = this.#limits;
    if (audioSecondsADay === 0 || this.#audioToday(nowMs) < audioSecondsADay * 1_000) return;
    throw new GatewayError('insufficient_quota', {
      message: `${this.#who} may have ${audioSecondsADay} seconds of audio a day, and has had them. The day ends at midnight UTC.`,
      retryAfterMs: msLeftOfDay(nowMs),
    });
  }

  heard(audioMs: number, nowMs: number): void {
    this.#audioMs = this.#audioToday(nowMs) + audioMs;
  }

  /** Whether a new one would be the same. */
  isFresh(nowMs: number): boolean {
    const asks = this.#rate?.isFull(nowMs) ?? true;
    return asks && this.#connections === 0 && this.#audioToday(nowMs) === 0;
  }

  #audioToday(nowMs: number): number {
    const day = dayOf(nowMs);
    if (day !== this.#day) {
      this.#day = day;
      this.#audioMs = 0;
    }
    return this.#audioMs;
  }
}
