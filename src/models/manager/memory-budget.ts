import { GatewayError } from '../../errors/index.js';
import { describeBytes } from '../store/describe-bytes.js';

/** Something that takes memory while it is loaded: a model of speech, or a voice. */
export interface MemoryHolder {
  readonly name: string;
  /** Roughly what it takes, in bytes. */
  readonly memoryBytes: number;
  /** Since when nobody needs it, by `performance.now()`; null while somebody does, or where it stays. */
  readonly idleSince: number | null;
  /** Nothing works without it: it is let in where it is alone, however large it is. @default false */
  readonly essential?: boolean;
  /** Ends what takes the memory; resolves when that is free. Idempotent. Never rejects. */
  unload(): Promise<void>;
}

/** When another try makes sense: by then a file may be done, or a session over. */
const retryAfterMs = 10_000;

/** The memory that models and voices share. What nobody needs makes way for what somebody asks for. */
export class MemoryBudget {
  /** What all of them may take; may be set while it is in use. */
  totalBytes: number;
  readonly #holders = new Set<MemoryHolder>();
  /** Settles when the one before was let in or refused: two must not count on the same memory. */
  #turn: Promise<void> = Promise.resolve();

  constructor(totalBytes: number) {
    this.totalBytes = totalBytes;
  }

  get holders(): readonly MemoryHolder[] {
    return [...this.#holders];
  }

  get usedBytes(): number {
    return sum(this.holders);
  }

  /**
   * Counts one in before it loads; where there is too little room, those that were idle longest are
   * unloaded first.
   * @throws GatewayError `memory_budget_exceeded` while others are in use, and then nothing is unloaded;
   *   `model_too_large` where all of the memory is not enough.
   */
  admit(holder: MemoryHolder): Promise<void> {
    const admitted = this.#turn.then(() => this.#makeRoom(holder));
    this.#turn = admitted.catch(() => {});
    return admitted;
  }

  /** Its memory is free. */
  leave(holder: MemoryHolder): void {
    this.#holders.delete(holder);
  }

  async #makeRoom(holder: MemoryHolder): Promise<void> {
    // One that died, and is started again, is counted once.
    this.#holders.delete(holder);
    const busy = this.holders.filter(({ idleSince }) => idleSince === null);
    if (!this.#hasRoomFor(holder, busy)) throw this.#refusal(holder, busy);
    while (!this.#hasRoomFor(holder, this.holders)) {
      const [idle] = this.holders
        .filter(({ idleSince }) => idleSince !== null)
        .sort((a, b) => (a.idleSince ?? 0) - (b.idleSince ?? 0));
      // Somebody began to need it in the meantime.
      if (!idle) throw this.#refusal(holder, this.holders);
      await idle.unload();
      this.#holders.delete(idle);
    }
    this.#holders.add(holder);
  }

  #hasRoomFor(holder: MemoryHolder, others: readonly MemoryHolder[]): boolean {
    const alone = others.length === 0 && (holder.essential ?? false);
    return alone || sum(others) + holder.memoryBytes <= this.totalBytes;
  }

  #refusal({ name, memoryBytes }: MemoryHolder, busy: readonly MemoryHolder[]): GatewayError {
    const needs = `${name} needs about ${describeBytes(memoryBytes)} of memory`;
    const budget = `${describeBytes(this.totalBytes)} (MODEL_MEMORY_BUDGET_BYTES)`;
    if (memoryBytes > this.totalBytes) {
      const message = `${needs}, more than all models and voices may take: ${budget}.`;
      return new GatewayError('model_too_large', { message });
    }
    const taken = busy.map((other) => `${other.name} (${describeBytes(other.memoryBytes)})`);
    const message = `${needs}; of ${budget}, what is in use takes the rest: ${taken.join(', ')}.`;
    return new GatewayError('memory_budget_exceeded', { message, retryAfterMs });
  }
}

function sum(holders: readonly MemoryHolder[]): number {
  return holders.reduce((total, { memoryBytes }) => total + memoryBytes, 0);
}
