import type { FoundFfmpeg } from '../audio/index.js';
import { GatewayError } from '../errors/index.js';
import type { AudioFormat } from './audio-format.js';
import { Encoder } from './encoder.js';
import { defaultSpeechAlias, isOpenAiModel } from './openai-voices.js';
import { Speech } from './speech.js';
import type { SpeechEngine, Voice } from './speech-engine.js';
import { splitSentences } from './split-sentences.js';

/** Longest piece of text that is spoken at once: about 15 seconds. */
const maxPieceChars = 240;

/** When another try makes sense if as much is spoken as may be: most texts are short. */
const busyRetryMs = 1_000;

export interface SpeechRequest {
  /** Not empty. */
  readonly input: string;
  readonly model: string;
  readonly voice: string;
  readonly format: AudioFormat;
  /** 0.25 to 4. */
  readonly speed: number;
  /** BCP 47; null where it is to be told from the text. */
  readonly language: string | null;
}

/** A file that comes while it is being made. */
export interface SpokenFile {
  readonly bytes: AsyncIterable<Buffer>;
  /** Seconds that it lasts, so far. */
  readonly seconds: () => number;
  /** Where nobody wants the rest. Idempotent. Never rejects. */
  readonly close: () => Promise<void>;
}

/** What the service tells whoever counts. */
export interface SpeechHooks {
  /** @param code Null where all was spoken. */
  readonly onSettled: (ended: {
    readonly model: string;
    readonly code: string | null;
    readonly characters: number;
    readonly seconds: number;
  }) => void;
  readonly onFirstBytes: (fromRequestMs: number) => void;
  readonly onChild: (change: 1 | -1) => void;
}

export interface SpeechServiceOptions {
  readonly ffmpeg: FoundFfmpeg;
  /** The model that OpenAI's names stand for. */
  readonly defaultModel: string;
  /** Texts that are spoken at the same time. */
  readonly maxConcurrent: number;
  readonly engines: SpeechEngines;
  readonly hooks: SpeechHooks;
}

/** Where engines come from. */
export interface SpeechEngines {
  /** All that could speak now. */
  list(): Promise<readonly SpeechEngine[]>;
  /** Null where there is none of this name. */
  find(model: string): Promise<SpeechEngine | null>;
  /** Child processes that speak, or are being started. */
  readonly processes: number;
  close(): Promise<void>;
}

/** Speech for everybody who asks, and the limit of how many at once. */
export class SpeechService {
  readonly #options: SpeechServiceOptions;
  readonly #speaking = new Set<Speech>();
  #starting = 0;
  #closed = false;

  constructor(options: SpeechServiceOptions) {
    this.#options = options;
  }

  async voices(): Promise<readonly Voice[]> {
    const engines = await this.#options.engines.list();
    return (await Promise.all(engines.map((engine) => engine.voices()))).flat();
  }

  /** The engines that could speak now. */
  async models(): Promise<readonly Pick<SpeechEngine, 'model' | 'loaded'>[]> {
    return await this.#options.engines.list();
  }

  /** Child processes that speak, or are being started. */
  get processes(): number {
    return this.#options.engines.processes;
  }

  /** What OpenAI's names stand for. */
  get defaultModel(): string {
    return this.#options.defaultModel;
  }

  /** Texts that are being spoken. */
  get active(): number {
    return this.#speaking.size + this.#starting;
  }

  /**
   * Begins to speak; resolves when the first bytes are there.
   * @throws GatewayError `speech_busy`, `model_not_found`, `bad_field`, `speech_unavailable`,
   *   `speech_failed`, and `cancelled` after the signal.
   */
  async speak(request: SpeechRequest, signal: AbortSignal): Promise<SpokenFile> {
    const beganAt = performance.now();
    if (this.#closed) throw new GatewayError('server_draining');
    if (this.active >= this.#options.maxConcurrent) {
      throw this.#refused(new GatewayError('speech_busy', { retryAfterMs: busyRetryMs }));
    }
    this.#starting++;
    let speech: Speech;
    try {
      speech = await this.#begin(request);
    } catch (error) {
      throw this.#refused(error);
    } finally {
      this.#starting--;
    }
    const cancel = () => void speech.close();
    signal.addEventListener('abort', cancel, { once: true });
    if (signal.aborted || this.#closed) cancel();
    const bytes = speech.bytes[Symbol.asyncIterator]();
    const first = await bytes.next();
    this.#options.hooks.onFirstBytes(performance.now() - beganAt);
    const tempo = request.speed / engineSpeed(request.speed);
    return {
      bytes: putBack(first, bytes),
      seconds: () => speech.spokenSeconds / tempo,
      close: () => speech.close(),
    };
  }

  /** Ends everything that is being spoken. Idempotent. Never rejects. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#speaking].map((speech) => speech.close()));
    await this.#options.engines.close();
  }

  async #begin(request: SpeechRequest): Promise<Speech> {
    const { ffmpeg, hooks } = this.#options;
    const engine = await this.#engineFor(request.model);
    const { voice, language, input, format } = request;
    const speaker = await engine.cast({ voice, language, text: input });
    const speed = engineSpeed(request.speed);
    const tempo = request.speed / speed;
    const { sampleRate } = speaker;
    const encoder = new Encoder({ ffmpeg, format, sampleRate, tempo, onChild: hooks.onChild });
    const speech: Speech = new Speech({
      pieces: splitSentences(input, maxPieceChars),
      speaker,
      speed,
      encoder,
      onEnd: (error) => {
        this.#speaking.delete(speech);
        hooks.onSettled({
          model: engine.model,
          code: error?.code ?? null,
          characters: input.length,
          seconds: speech.spokenSeconds / tempo,
        });
      },
    });
    this.#speaking.add(speech);
    return speech;
  }

  async #engineFor(model: string): Promise<SpeechEngine> {
    const { engines, defaultModel } = this.#options;
    const engine = await engines.find(isOpenAiModel(model) ? defaultModel : model);
    if (engine) return engine;
    const known = (await engines.list()).map((it) => it.model).join(', ');
    throw new GatewayError('model_not_found', {
      message: `There is no speech model "${model}". There are: ${defaultSpeechAlias}, ${known}.`,
      param: 'model',
    });
  }

  /** Counts a text of which nothing was spoken. */
  #refused(thrown: unknown): unknown {
    const { code } = GatewayError.from(thrown);
    // A name that a client made up must not become a label of its own.
    this.#options.hooks.onSettled({ model: '', code, characters: 0, seconds: 0 });
    return thrown;
  }
}

/** Beyond half and double, voices become hard to understand: the encoder stretches what is left. */
function engineSpeed(speed: number): number {
  return Math.min(2, Math.max(0.5, speed));
}

async function* putBack<T>(first: IteratorResult<T>, rest: AsyncIterator<T>): AsyncGenerator<T> {
  try {
    for (let next = first; !next.done; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}
