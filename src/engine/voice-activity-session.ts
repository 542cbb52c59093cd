import { concatPcm, frameSamples, sampleRate, type VoiceActivity } from '../audio/index.js';
import { GatewayError } from '../errors/index.js';
import type { VoiceActivityCall, VoiceActivityResult } from './messages.js';
import type { ProcessKeeper } from './process-keeper.js';
import type { SupervisedProcess } from './supervised-process.js';

type Process = SupervisedProcess<null, VoiceActivityCall, VoiceActivityResult>;

/** Processes that one piece of audio may be tried on. */
const maxTries = 3;

/** Audio that a new process hears first. Silero's memory is about this long. */
const historySamples = sampleRate;

interface VoiceActivitySessionOptions {
  /** Known to nobody else in the process. */
  readonly id: number;
  readonly keeper: ProcessKeeper<Process>;
  /** Longest wait for a process. */
  readonly waitMs: number;
  readonly onClose: () => void;
}

/** One session's voice activity. Its state lives in the process, and is rebuilt where that is replaced. */
export class VoiceActivitySession implements VoiceActivity {
  readonly #options: VoiceActivitySessionOptions;
  /** What was heard last, in pieces; at least `historySamples` in all once so much was heard. */
  readonly #history: Int16Array[] = [];
  /** The process that holds this session's state. */
  #home: Process | null = null;
  #lastCall: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(options: VoiceActivitySessionOptions) {
    this.#options = options;
  }

  probabilities(pcm: Int16Array): Promise<Float32Array> {
    // Each call builds on the state that the one before it left.
    const answer = this.#lastCall.then(() => this.#ask(pcm));
    this.#lastCall = answer.catch(() => {});
    return answer;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#lastCall;
    const forget = { kind: 'forget', session: this.#options.id } as const;
    // A process that is gone has forgotten everything.
    await this.#home?.request(forget).catch(() => {});
    this.#options.onClose();
  }

  async #ask(pcm: Int16Array): Promise<Float32Array> {
    if (pcm.length % frameSamples !== 0) {
      throw new GatewayError('invalid_argument', { message: 'Only whole frames can be judged.' });
    }
    for (let tries = 1; ; tries++) {
      try {
        const result = await this.#request(pcm);
        this.#remember(pcm);
        return result;
      } catch (error) {
        // After a failure nobody knows what the state has heard.
        this.#home = null;
        const gaveUp = this.#closed || tries === maxTries || !isTemporary(error);
        if (gaveUp) throw new GatewayError('voice_activity_failed', { cause: error });
      }
    }
  }

  async #request(pcm: Int16Array): Promise<Float32Array> {
    const { id, keeper, waitMs } = this.#options;
    const process = await keeper.available(waitMs);
    const history = process === this.#home ? null : concatPcm(this.#history);
    const result = await process.request({ kind: 'probabilities', session: id, pcm, history });
    this.#home = process;
    keeper.succeeded();
    return result;
  }

  #remember(pcm: Int16Array): void {
    this.#history.push(pcm);
    let samples = this.#history.reduce((sum, piece) => sum + piece.length, 0);
    for (;;) {
      const oldest = this.#history[0]?.length ?? 0;
      if (oldest === 0 || samples - oldest < historySamples) return;
      samples -= oldest;
      this.#history.shift();
    }
  }
}

/** Whether another process may answer. Without any, the keeper has been waited for long enough. */
function isTemporary(error: unknown): boolean {
  const { code, retryable } = GatewayError.from(error);
  return retryable && code !== 'engine_unavailable';
}
