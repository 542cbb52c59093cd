import { GatewayError } from '../errors/index.js';
import type { Encoder } from './encoder.js';
import type { Speaker } from './speech-engine.js';
import type { SpokenPiece } from './split-sentences.js';

/** Silence behind a sentence, and behind a piece of one that was too long, at speed 1. */
const sentencePauseMs = 300;
const piecePauseMs = 80;

/** Of a text in which nothing can be said, so that what is sent is a file all the same. */
const emptyMs = 100;

export interface SpeechParts {
  readonly pieces: readonly SpokenPiece[];
  readonly speaker: Speaker;
  /** For the speaker; the encoder does what is beyond it. */
  readonly speed: number;
  readonly encoder: Encoder;
  /** Called once, when all is over, with the error that ended it. */
  readonly onEnd: (error: GatewayError | null) => void;
}

/**
 * One text being spoken, from its first sentence to its last: the next sentence is spoken while the ones
 * before it are on their way. A reader who does not read holds it up.
 */
export class Speech {
  /** The file. Throws `speech_failed`, or `cancelled` once it is closed. */
  readonly bytes: AsyncIterable<Buffer>;
  readonly #parts: SpeechParts;
  readonly #cancel = new AbortController();
  #samples = 0;
  #ended = false;

  constructor(parts: SpeechParts) {
    this.#parts = parts;
    this.bytes = this.#read();
  }

  /** Seconds that were spoken so far, before the encoder. */
  get spokenSeconds(): number {
    return this.#samples / this.#parts.speaker.sampleRate;
  }

  /** Ends it wherever it is, and its ffmpeg. Idempotent. Never rejects. */
  async close(): Promise<void> {
    this.#end(new GatewayError('cancelled'));
    await this.#parts.encoder.close();
  }

  async *#read(): AsyncGenerator<Buffer> {
    const { encoder } = this.#parts;
    const spoken = this.#speak().catch((error: unknown) => {
      // Closed, the encoder's output ends: nobody waits for what will not come.
      void encoder.close();
      return GatewayError.from(error);
    });
    try {
      yield* encoder.output;
      const error = await spoken;
      if (error) throw error;
      if (this.#cancel.signal.aborted) throw new GatewayError('cancelled');
      this.#end(null);
    } catch (error) {
      this.#end(GatewayError.from(error));
      throw error;
    } finally {
      await this.close();
    }
  }

  async #speak(): Promise<void> {
    const { pieces, speaker, speed, encoder } = this.#parts;
    const { signal } = this.#cancel;
    for (const { text, endsSentence } of pieces) {
      const samples = await speaker.say(text, speed, signal);
      if (signal.aborted) throw new GatewayError('cancelled');
      await this.#write(samples);
      await this.#write(this.#silence((endsSentence ? sentencePauseMs : piecePauseMs) / speed));
    }
    if (this.#samples === 0) await this.#write(this.#silence(emptyMs));
    encoder.end();
  }

  async #write(samples: Int16Array): Promise<void> {
    this.#samples += samples.length;
    if (samples.length > 0) await this.#parts.encoder.write(samples);
  }

  #silence(ms: number): Int16Array {
    return new Int16Array(Math.round((this.#parts.speaker.sampleRate * ms) / 1000));
  }

  #end(error: GatewayError | null): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#cancel.abort();
    this.#parts.onEnd(error);
  }
}
