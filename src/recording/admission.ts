import { GatewayError } from '../errors/index.js';

export interface AdmissionLimits {
  /** Those whose turn it is. */
  readonly maxActive: number;
  /** Those beside them: still arriving, or waiting for their turn. */
  readonly maxWaiting: number;
}

/** A place among those that are served or will be. */
export interface Place {
  /**
   * Resolves when it is this one's turn; who asked first comes first.
   * @throws GatewayError `cancelled` where the signal is aborted before.
   */
  turn(signal: AbortSignal): Promise<void>;
  /** Gives the place up, and the turn with it. Idempotent. */
  leave(): void;
}

/** When a refused client should ask again: a short file takes about this long. */
const retryAfterMs = 5_000;

/** Lets so many in, and gives so many of these their turn at the same time. */
export class Admission {
  readonly #limits: AdmissionLimits;
  readonly #queue: (() => void)[] = [];
  #places = 0;
  #active = 0;
  #drained: Promise<void> | undefined;
  #onEmpty: (() => void) | undefined;

  constructor(limits: AdmissionLimits) {
    this.#limits = limits;
  }

  get active(): number {
    return this.#active;
  }

  get waiting(): number {
    return this.#places - this.#active;
  }

  /** @throws GatewayError `too_many_transcriptions` or `server_draining`. */
  enter(): Place {
    const { maxActive, maxWaiting } = this.#limits;
    if (this.#drained !== undefined)
      throw new GatewayError('server_draining', { retryAfterMs: 1_000 });
    if (this.#places >= maxActive + maxWaiting) {
      throw new GatewayError('too_many_transcriptions', {
        message: `This gateway transcribes ${maxActive} files at a time, and ${maxWaiting} wait already.`,
        retryAfterMs,
      });
    }
    this.#places++;
    let [left, active] = [false, false];
    return {
      turn: (signal) =>
        this.#turn(signal, () => {
          active = true;
        }),
      leave: () => {
        if (left) return;
        left = true;
        this.#places--;
        if (active) this.#active--;
        this.#next();
        if (this.#places === 0) this.#onEmpty?.();
      },
    };
  }

  /** Lets nobody in any more; resolves when the last one has left. Idempotent. */
  drain(): Promise<void> {
    this.#drained ??= new Promise((resolve) => {
      this.#onEmpty = resolve;
      if (this.#places === 0) resolve();
    });
    return this.#drained;
  }

  async #turn(signal: AbortSignal, onCalled: () => void): Promise<void> {
    if (signal.aborted) throw new GatewayError('cancelled');
    await new Promise<void>((resolve, reject) => {
      const called = () => {
        signal.removeEventListener('abort', cancel);
        this.#active++;
        onCalled();
        resolve();
      };
      const cancel = () => {
        this.#queue.splice(this.#queue.indexOf(called), 1);
        reject(new GatewayError('cancelled'));
      };
      signal.addEventListener('abort', cancel, { once: true });
      this.#queue.push(called);
      this.#next();
    });
  }

  #next(): void {
    while (this.#active < this.#limits.maxActive) {
      const called = this.#queue.shift();
      if (!called) return;
      called();
    }
  }
}
