/**
 * Audio that may have to be sent (again), addressed by its place in bytes since the recording began.
 * Beyond the limit the oldest goes.
 */
export class HeldAudio {
  readonly #maxBytes: number;
  #pieces: Uint8Array[] = [];
  #start = 0;
  #end = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Place of the first byte that is held. */
  get start(): number {
    return this.#start;
  }

  /** Place after the last byte. */
  get end(): number {
    return this.#end;
  }

  push(bytes: Uint8Array): void {
    this.#pieces.push(bytes);
    this.#end += bytes.byteLength;
    this.dropBefore(this.#end - this.#maxBytes);
  }

  /** Forgets what lies before a place; a later place than the end forgets everything. */
  dropBefore(place: number): void {
    const target = Math.min(place, this.#end);
    let first = this.#pieces[0];
    while (first && this.#start + first.byteLength <= target) {
      this.#start += first.byteLength;
      this.#pieces.shift();
      first = this.#pieces[0];
    }
    if (first && this.#start < target) {
      this.#pieces[0] = first.subarray(target - this.#start);
      this.#start = target;
    }
  }

  /** Bytes from a place on: those of one piece, `maxBytes` at most; null where there are none. */
  read(place: number, maxBytes: number): Uint8Array | null {
    let begin = this.#start;
    for (const piece of this.#pieces) {
      const end = begin + piece.byteLength;
      if (place < end) return piece.subarray(place - begin, place - begin + maxBytes);
      begin = end;
    }
    return null;
  }
}
