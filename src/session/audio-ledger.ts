import { samplesToMs } from '../audio/index.js';
import type { ErrorCode } from '../errors/index.js';
import type { Ledger } from '../protocol/index.js';
import type { LedgerState } from './kept/checkpoint.js';

interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * Accounts for every sample of a session: transcribed, silence, or shed with a code. What is in no
 * account when the session ends is shed with the reason of that end.
 */
export class AudioLedger {
  #received = 0;
  #transcribed = 0;
  #accounted = 0;
  readonly #shed: (Span & { code: string })[] = [];
  /** Final windows that were submitted and have not been answered. */
  readonly #pending = new Map<number, Span>();
  /** Everything before this is accounted for or pending. */
  #reached = 0;

  /** @param from Where another gateway left off; what it had heard behind `safe` is heard again. */
  constructor(from?: LedgerState) {
    if (!from) return;
    this.#received = from.safe;
    this.#accounted = from.safe;
    this.#reached = from.safe;
    this.#transcribed = from.transcribed;
    this.#shed.push(...from.shed);
  }

  /** The account up to `safe`, behind which nothing is settled yet. */
  get state(): LedgerState {
    const { safe } = this;
    const shed = this.#shed.filter(({ end }) => end <= safe);
    return { safe, transcribed: this.#transcribed, shed };
  }

  /** Samples decoded so far. */
  get received(): number {
    return this.#received;
  }

  /** Everything before this sample is accounted for: in a final that was sent, silence, or shed. */
  get safe(): number {
    let safe = this.#reached;
    for (const span of this.#pending.values()) safe = Math.min(safe, span.start);
    return safe;
  }

  /** Samples in final windows that wait for their answer. */
  get pending(): number {
    let sum = 0;
    for (const span of this.#pending.values()) sum += span.end - span.start;
    return sum;
  }

  /** Samples in no account; negative where some are in two. 0 once closed, or something is wrong. */
  get imbalance(): number {
    return this.#received - this.#accounted - this.pending;
  }

  receive(samples: number): void {
    this.#received += samples;
  }

  /** Audio up to sample `end` never came; everything before it is accounted for or pending. */
  gap(end: number): void {
    const span = { start: this.#received, end };
    this.receive(end - span.start);
    this.#account(span);
    this.#reached = end;
    this.#shed.push({ ...span, code: 'gap' });
  }

  silence(span: Span): void {
    this.#account(span);
    this.#reached = Math.max(this.#reached, span.end);
  }

  /** A final window is on its way. */
  submit(utterance: number, span: Span): void {
    this.#pending.set(utterance, { start: span.start, end: span.end });
    this.#reached = Math.max(this.#reached, span.end);
  }

  /** A final window was answered, or failed for good with `code`. */
  settle(utterance: number, code?: ErrorCode): void {
    const span = this.#pending.get(utterance);
    if (!span) return;
    this.#pending.delete(utterance);
    this.#account(span);
    if (code) this.#shed.push({ ...span, code });
    else this.#transcribed += span.end - span.start;
  }

  /** Sheds what is still open. Idempotent, because nothing is open after it. @returns Samples shed. */
  close(code: string): number {
    const before = this.#accounted;
    for (const [utterance, span] of this.#pending) {
      this.#pending.delete(utterance);
      this.#account(span);
      this.#shed.push({ ...span, code });
    }
    if (this.#reached < this.#received) {
      const rest = { start: this.#reached, end: this.#received };
      this.#account(rest);
      this.#reached = rest.end;
      this.#shed.push({ ...rest, code });
    }
    return this.#accounted - before;
  }

  /**
   * The account in milliseconds. Rounding is put on silence, so that the parts always sum up to what
   * was received once the ledger is closed.
   */
  report(): Ledger {
    const received = samplesToMs(this.#received);
    const transcribed = Math.min(received, samplesToMs(this.#transcribed));
    const shed = [...this.#shed]
      .sort((a, b) => a.start - b.start)
      .map(({ start, end, code }) => ({
        start_ms: samplesToMs(start),
        end_ms: samplesToMs(end),
        code,
      }));
    const shedSum = shed.reduce((sum, span) => sum + span.end_ms - span.start_ms, 0);
    const shedMs = Math.min(received - transcribed, shedSum);
    const open = samplesToMs(this.#received - this.#accounted);
    return {
      received_ms: received,
      transcribed_ms: transcribed,
      silence_ms: Math.max(0, received - transcribed - shedMs - open),
      shed_ms: shedMs,
      shed,
    };
  }

  #account(span: Span): void {
    this.#accounted += span.end - span.start;
  }
}
