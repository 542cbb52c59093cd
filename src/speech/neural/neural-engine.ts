import { SupervisedProcess } from '../../engine/index.js';
import { GatewayError } from '../../errors/index.js';
import { type VoiceFolder, voiceMemoryOf } from '../../models/index.js';
import { OnDemand, type OnDemandOptions } from '../on-demand.js';
import { openAiVoices } from '../openai-voices.js';
import type { Casting, Speaker, SpeechEngine, Voice } from '../speech-engine.js';
import type { NeuralCall, NeuralReady, NeuralResult, NeuralSetup } from './messages.js';
import { prepareVoice } from './prepare-voice.js';

type Process = SupervisedProcess<NeuralReady, NeuralCall, NeuralResult>;

export interface NeuralOptions extends Pick<OnDemandOptions<Process>, 'memory' | 'unloadAfterMs'> {
  /** Absolute path of the compiled `neural-main`. */
  readonly entry: string;
  readonly threads: number;
  readonly startTimeoutMs: number;
  /** Longest time for one sentence. */
  readonly requestTimeoutMs: number;
  /** Resolves with the folder of eSpeak NG's data. */
  readonly espeakData: () => Promise<string>;
}

/** One neural voice model, in a process that starts with the first text and ends when it is idle. */
export class NeuralEngine implements SpeechEngine {
  readonly model: string;
  readonly #folder: VoiceFolder;
  /** Settles when the sentence before is spoken: one keeps all threads busy, so the others wait. */
  #turn: Promise<unknown> = Promise.resolve();
  readonly #process: OnDemand<Process>;

  constructor(folder: VoiceFolder, options: NeuralOptions) {
    this.model = folder.name;
    this.#folder = folder;
    const { memory, unloadAfterMs } = options;
    this.#process = new OnDemand({
      name: this.model,
      memoryBytes: voiceMemoryOf(folder.bytes),
      memory,
      unloadAfterMs,
      start: () => startProcess(folder, options),
    });
  }

  get loaded(): boolean {
    return this.#process.loaded;
  }

  async voices(): Promise<readonly Voice[]> {
    const { name: model, language, speakers } = this.#folder;
    if (speakers.length === 1) return [{ id: model, name: model, model, language }];
    return speakers.map((id) => ({ id, name: `${model}, speaker ${id}`, model, language }));
  }

  async cast({ voice }: Casting): Promise<Speaker> {
    const speaker = this.#speakerOf(voice);
    const { sampleRate } = await this.#process.use(({ ready }) => ready);
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
    await this.#process.close();
  }

  async #say(call: NeuralCall, signal: AbortSignal): Promise<Int16Array> {
    if (signal.aborted) throw new GatewayError('cancelled');
    return await this.#process.use((process) =>
      process.request(call, signal).catch((thrown: unknown) => {
        const error = GatewayError.from(thrown);
        throw error.code === 'cancelled'
          ? error
          : new GatewayError('speech_failed', { cause: error });
      }),
    );
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
}

async function startProcess(folder: VoiceFolder, options: NeuralOptions): Promise<Process> {
  const { entry, threads, startTimeoutMs, requestTimeoutMs, espeakData } = options;
  const voice = await prepareVoice(folder, await espeakData());
  const setup: NeuralSetup = { voice, threads };
  return await SupervisedProcess.start({ entry, setup, startTimeoutMs, requestTimeoutMs });
}
