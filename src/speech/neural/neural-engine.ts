import { SupervisedProcess } from '../../engine/index.js';
import { GatewayError } from '../../errors/index.js';
import { openAiVoices } from '../openai-voices.js';
import type { Casting, Speaker, SpeechEngine, Voice } from '../speech-engine.js';
import type { NeuralCall, NeuralReady, NeuralResult, NeuralSetup } from './messages.js';
import { prepareVoice } from './prepare-voice.js';
import type { VoiceFolder } from './voice-folder.js';

type Process = SupervisedProcess<NeuralReady, NeuralCall, NeuralResult>;

export interface NeuralOptions {
  /** Absolute path of the compiled `neural-main`. */
  readonly entry: string;
  readonly threads: number;
  readonly startTimeoutMs: number;
  /** Longest time for one sentence. */
  readonly requestTimeoutMs: number;
  /** A process that nobody needed for so long is ended: it holds the model in memory. */
  readonly unloadAfterMs: number;
  /** Resolves with the folder of eSpeak NG's data. */
  readonly espeakData: () => Promise<string>;
}

/** One neural voice model, in a process that starts with the first text and ends when it is idle. */
export class NeuralEngine implements SpeechEngine {
  readonly model: string;
  readonly #folder: VoiceFolder;
  readonly #options: NeuralOptions;
  /** Settles when the sentence before is spoken: one keeps all threads busy, so the others wait. */
  #turn: Promise<unknown> = Promise.resolve();
  #process: Promise<Process> | undefined;
  #unload: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(folder: VoiceFolder, options: NeuralOptions) {
    this.model = folder.name;
    this.#folder = folder;
    this.#options = options;
  }

  async voices(): Promise<readonly Voice[]> {
    const { name: model, language, speakers } = this.#folder;
    if (speakers.length === 1) return [{ id: model, name: model, model, language }];
    return speakers.map((id) => ({ id, name: `${model}, speaker ${id}`, model, language }));
  }

  async cast({ voice }: Casting): Promise<Speaker> {
    const speaker = this.#speakerOf(voice);
    const { sampleRate } = (await this.#running()).ready;
    return {
      sampleRate,
      say: (text, speed, signal) => {
        const spoken = this.#turn.then(() => this.#say({ text, speaker, speed }, signal));
        this.#turn = spoken.catch(() => {});
        return spoken;
      },
    };
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#end();
  }

  async #say(call: NeuralCall, signal: AbortSignal): Promise<Int16Array> {
    if (signal.aborted) throw new GatewayError('cancelled');
    const process = await this.#running();
    try {
      return await process.request(call, signal);
    } catch (thrown) {
      const error = GatewayError.from(thrown);
      throw error.code === 'cancelled'
        ? error
        : new GatewayError('speech_failed', { cause: error });
    } finally {
      this.#unload?.refresh();
    }
  }

  /** A speaker by name or number; OpenAI's names stand for one of the same name, else for any. */
  #speakerOf(voice: string): number {
    const { name, speakers } = this.#folder;
    const named = speakers.indexOf(voice);
    if (named >= 0) return named;
    if (voice === name) return 0;
    const openAi = openAiVoices.indexOf(voice as (typeof openAiVoices)[number]);
    if (openAi >= 0) {
      // Kokoro calls them `af_alloy`, `am_echo` and so on.
      const alike = speakers.findIndex((it) => it.endsWith(`_${voice}`));
      return alike >= 0 ? alike : openAi % speakers.length;
    }
    throw new GatewayError('bad_field', {
      message: `The model ${name} has no voice "${voice}". GET /v1/voices lists what it has.`,
      param: 'voice',
    });
  }

  async #running(): Promise<Process> {
    if (this.#closed) throw new GatewayError('server_draining');
    this.#process ??= this.#start();
    const starting = this.#process;
    const forget = () => {
      if (this.#process === starting) this.#process = undefined;
    };
    const process = await starting.catch((error: unknown) => {
      forget();
      throw error;
    });
    if (process.alive) return process;
    forget();
    return await this.#running();
  }

  async #start(): Promise<Process> {
    const { entry, threads, startTimeoutMs, requestTimeoutMs, unloadAfterMs } = this.#options;
    const voice = await prepareVoice(this.#folder, await this.#options.espeakData());
    const setup: NeuralSetup = { voice, threads };
    const process: Process = await SupervisedProcess.start({
      entry,
      setup,
      startTimeoutMs,
      requestTimeoutMs,
    });
    clearTimeout(this.#unload);
    this.#unload = setTimeout(() => void this.#end(), unloadAfterMs);
    this.#unload.unref();
    if (this.#closed) await process.close();
    return process;
  }

  async #end(): Promise<void> {
    clearTimeout(this.#unload);
    const process = await this.#process?.catch(() => null);
    this.#process = undefined;
    await process?.close();
  }
}
