import type { Decoder } from './decoder.js';
import { sampleRate } from './pcm.js';
import { samplesFromBytes } from './samples-from-bytes.js';

/** Samples that may wait for the reader before `write` asks for a pause: 8 s. */
export const maxWaitingSamples = 8 * sampleRate;

/** Passes on what is 16 kHz mono s16le already, without a process. */
export class PcmDecoder implements Decoder {
  readonly output: AsyncIterable<Int16Array> = this.#read();
  readonly #toSamples = samplesFromBytes();
  #waiting: Int16Array[] = [];
  #waitingSamples = 0;
  #ended = false;
  #wakeReader = () => {};
  #wakeWriters: (() => void)[] = [];

  write(bytes: Uint8Array): boolean {
    if (this.#ended) return true;
    const samples = this.#toSamples(bytes);
    if (samples.length > 0) {
      this.#waiting.push(samples);
      this.#waitingSamples += samples.length;
      this.#wakeReader();
    }
    return this.#waitingSamples < maxWaitingSamples;
  }

  drained(): Promise<void> {
    if (this.#ended || this.#waitingSamples < maxWaitingSamples) return Promise.resolve();
    return new Promise((resolve) => {
      this.#wakeWriters.push(resolve);
    });
  }

  end(): void {
    this.#ended = true;
    this.#wakeReader();
    this.#resumeWriters();
  }

  close(): Promise<void> {
    this.#waiting = [];
    this.#waitingSamples = 0;
    this.end();
    return Promise.resolve();
  }

  async *#read(): AsyncGenerator<Int16Array> {
    for (;;) {
      const samples = this.#waiting.shift();
      if (samples) {
        this.#waitingSamples -= samples.length;
        if (this.#waitingSamples < maxWaitingSamples) this.#resumeWriters();
        yield samples;
      } else if (this.#ended) {
        return;
      } else {
        await new Promise<void>((resolve) => {
          this.#wakeReader = resolve;
        });
      }
    }
  }

  #resumeWriters(): void {
    for (const wake of this.#wakeWriters.splice(0)) wake();
  }
}
