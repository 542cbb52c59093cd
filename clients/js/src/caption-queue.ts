import { ClientError } from './client-error.js';
import type { Caption } from './protocol.js';

/** Captions that may wait for a reader. */
const maxWaiting = 10_000;

/**
 * Captions for one reader. A newer state of an utterance takes the place of an older one that still
 * waits, so that a slow reader skips states and never falls behind in time.
 */
export class CaptionQueue implements AsyncIterableIterator<Caption> {
  #waiting: Caption[] = [];
  #ended = false;
  #error: ClientError | null = null;
  #wake = () => {};
  readonly #onReturn: () => void;

  /** @param onReturn Called when the reader leaves. */
  constructor(onReturn: () => void) {
    this.#onReturn = onReturn;
  }

  push(caption: Caption): void {
    if (this.#ended) return;
    const last = this.#waiting.at(-1);
    if (last?.type === 'partial' && last.utterance_id === caption.utterance_id) {
      this.#waiting.pop();
    }
    this.#waiting.push(caption);
    if (this.#waiting.length > maxWaiting) {
      this.#waiting = [];
      this.end(new ClientError('captions_not_read', 'Captions were not read for too long.'));
    }
    this.#wake();
  }

  end(error: ClientError | null): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#error = error;
    this.#wake();
  }

  async next(): Promise<IteratorResult<Caption>> {
    for (;;) {
      const value = this.#waiting.shift();
      if (value) return { done: false, value };
      if (this.#error) throw this.#error;
      if (this.#ended) return { done: true, value: undefined };
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async return(): Promise<IteratorResult<Caption>> {
    this.#waiting = [];
    this.end(null);
    this.#onReturn();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
