import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { GatewayError } from '../../errors/index.js';
import type { EspeakCall, EspeakLanguage, FromEspeak, ToEspeak } from './messages.js';

interface Pending {
  readonly resolve: (samples: Int16Array) => void;
  readonly reject: (error: GatewayError) => void;
}

/** One thread with an eSpeak NG of its own. Calls are answered in the order in which they came. */
export class EspeakThread {
  readonly sampleRate: number;
  readonly languages: readonly EspeakLanguage[];
  readonly #worker: Worker;
  readonly #pending = new Map<number, Pending>();
  #nextId = 1;
  #ended = false;

  /**
   * Takes about a second.
   * @param entry Absolute path of the compiled `espeak-main`.
   * @throws GatewayError `speech_unavailable` where the package is not installed or does not start.
   */
  static async start(entry: string): Promise<EspeakThread> {
    // Without our own environment and arguments: it needs neither.
    const worker = new Worker(entry, { env: {}, argv: [], execArgv: [] });
    try {
      const [ready] = (await once(worker, 'message')) as [FromEspeak & { kind: 'ready' }];
      return new EspeakThread(worker, ready.sampleRate, ready.languages);
    } catch (cause) {
      await worker.terminate();
      throw new GatewayError('speech_unavailable', {
        message: isMissing(cause)
          ? 'The embedded voice is not installed: npm install @echogarden/espeak-ng-emscripten brings it.'
          : 'The embedded voice does not start.',
        cause,
      });
    }
  }

  private constructor(worker: Worker, sampleRate: number, languages: readonly EspeakLanguage[]) {
    this.#worker = worker;
    this.sampleRate = sampleRate;
    this.languages = languages;
    worker.on('message', (message: FromEspeak) => this.#receive(message));
    worker.on('error', (cause) => this.#end(cause));
    worker.on('exit', () => this.#end('The thread ended.'));
    // It waits for calls for ever, and should keep no process from ending.
    worker.unref();
  }

  /** Whether it takes calls. */
  get alive(): boolean {
    return !this.#ended;
  }

  /** @throws GatewayError `speech_failed`. */
  call(call: EspeakCall): Promise<Int16Array> {
    return new Promise((resolve, reject) => {
      if (this.#ended) return reject(new GatewayError('speech_failed'));
      const id = this.#nextId++;
      this.#pending.set(id, { resolve, reject });
      this.#worker.postMessage({ id, call } satisfies ToEspeak);
    });
  }

  /** Idempotent. Never rejects. */
  async close(): Promise<void> {
    this.#end('It was closed.');
    await this.#worker.terminate();
  }

  #receive(message: FromEspeak): void {
    switch (message.kind) {
      case 'done':
        this.#take(message.id)?.resolve(message.samples);
        break;
      case 'failed':
        this.#take(message.id)?.reject(
          new GatewayError('speech_failed', { cause: message.reason }),
        );
        // What failed inside of WebAssembly may have left anything behind.
        void this.close();
        break;
      case 'ready':
        break;
      default:
        message satisfies never;
    }
  }

  #take(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    return pending;
  }

  #end(cause: unknown): void {
    this.#ended = true;
    for (const { reject } of this.#pending.values()) {
      reject(new GatewayError('speech_failed', { cause }));
    }
    this.#pending.clear();
  }
}

function isMissing(error: unknown): boolean {
  return (error as { code?: unknown } | null)?.code === 'ERR_MODULE_NOT_FOUND';
}
