/** Takes bytes with back-pressure: a pipeline, or a decoder. */
interface Sink {
  write(bytes: Uint8Array): boolean;
  drained(): Promise<void>;
}

/** Keeps the audio that comes before a session can take it, in order, up to a limit. */
export class EarlyAudio {
  readonly #limit: number;
  #pieces: Uint8Array[] = [];
  #bytes = 0;
  #draining = false;
  #emptied = Promise.resolve();
  #resolveEmptied = () => {};

  /** @param limit Bytes from which `push` asks for a pause. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Whether later audio may go straight to the sink. */
  get empty(): boolean {
    return this.#pieces.length === 0 && !this.#draining;
  }

  /** Resolves when nothing is kept. */
  get emptied(): Promise<void> {
    return this.#emptied;
  }

  /** Keeps a piece. False asks the caller to pause; the piece is kept all the same. */
  push(bytes: Uint8Array): boolean {
    if (this.empty) {
      this.#emptied = new Promise((resolve) => {
        this.#resolveEmptied = resolve;
      });
    }
    this.#pieces.push(bytes);
    this.#bytes += bytes.byteLength;
    return this.#bytes < this.#limit;
  }

  /** Hands everything on, what is pushed meanwhile included. */
  async drainInto(sink: Sink): Promise<void> {
    this.#draining = true;
    for (let piece = this.#pieces.shift(); piece; piece = this.#pieces.shift()) {
      this.#bytes -= piece.byteLength;
      if (!sink.write(piece)) await sink.drained();
    }
    this.#draining = false;
    this.#resolveEmptied();
  }

  /** Forgets everything. */
  clear(): void {
    this.#pieces = [];
    this.#bytes = 0;
    this.#resolveEmptied();
  }
}
