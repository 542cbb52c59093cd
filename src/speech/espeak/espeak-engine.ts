import { GatewayError } from '../../errors/index.js';
import { languageOfScript } from '../language-of-script.js';
import { OnDemand, type OnDemandOptions } from '../on-demand.js';
import { openAiVoices } from '../openai-voices.js';
import type { Casting, Speaker, SpeechEngine, Voice } from '../speech-engine.js';
import { EspeakThread } from './espeak-thread.js';
import { defaultLanguage, espeakVariants, findLanguage } from './espeak-voices.js';
import type { EspeakLanguage } from './messages.js';

/** What the gateway grows by while it speaks (measured). */
const memoryBytes = 80_000_000;

/** Words a minute at speed 1; what eSpeak NG itself begins with. */
const wordsPerMinute = 175;

/**
 * The embedded voice: eSpeak NG as WebAssembly, in a thread that starts with the first request and is
 * replaced when it fails. It speaks about a hundred times faster than time passes, so one is enough.
 */
export class EspeakEngine implements SpeechEngine {
  readonly model = 'espeak-ng';
  readonly #thread: OnDemand<EspeakThread>;

  /** @param entry Absolute path of the compiled `espeak-main`. */
  constructor(
    entry: string,
    options: Pick<OnDemandOptions<EspeakThread>, 'memory' | 'unloadAfterMs'>,
  ) {
    const start = () => EspeakThread.start(entry);
    const { memory, unloadAfterMs } = options;
    this.#thread = new OnDemand({ name: this.model, memoryBytes, memory, unloadAfterMs, start });
  }

  get loaded(): boolean {
    return this.#thread.loaded;
  }

  async voices(): Promise<readonly Voice[]> {
    const languages = await this.#thread.use((thread) => thread.languages);
    const named = openAiVoices.map((id) => ({
      id,
      name: `eSpeak NG, variant ${espeakVariants[id]}`,
      model: this.model,
      language: null,
    }));
    const spoken = languages.map(({ name, tags: [id = ''] }) => ({
      id,
      name: `eSpeak NG, ${name}`,
      model: this.model,
      language: id,
    }));
    return [...named, ...new Map(spoken.map((voice) => [voice.id, voice])).values()];
  }

  async cast(casting: Casting): Promise<Speaker> {
    const { sampleRate, languages } = await this.#thread.use((thread) => thread);
    const voice = voiceFor(casting, languages);
    return {
      sampleRate,
      say: async (text, speed, signal) => {
        if (signal.aborted) throw new GatewayError('cancelled');
        const rate = Math.round(wordsPerMinute * speed);
        const call = { kind: 'say', text, voice, wordsPerMinute: rate } as const;
        return await this.#thread.use((thread) => thread.call(call));
      },
    };
  }

  /** Writes eSpeak NG's data, which neural voices need to read text aloud, into a folder. */
  async exportData(folder: string): Promise<void> {
    await this.#thread.use((thread) => thread.call({ kind: 'export', folder }));
  }

  async close(): Promise<void> {
    await this.#thread.close();
  }
}

/** `alloy` in the language asked for, or a language as a voice of its own, such as `de` or `de+f2`. */
function voiceFor(
  { voice, language, text }: Casting,
  languages: readonly EspeakLanguage[],
): string {
  const variant = espeakVariants[voice as keyof typeof espeakVariants];
  if (variant !== undefined) {
    const tag = language ?? languageOfScript(text) ?? defaultLanguage;
    const found = findLanguage(tag, languages);
    if (found) return `${found.identifier}+${variant}`;
    throw new GatewayError('bad_field', {
      message: `The embedded voice does not speak "${tag}". GET /v1/voices lists the languages.`,
      param: 'language',
    });
  }
  const [, tag = '', own = ''] = /^([\w-]+)(\+\w+)?$/.exec(voice) ?? [];
  const found = tag ? findLanguage(tag, languages) : null;
  if (found) return `${found.identifier}${own}`;
  throw new GatewayError('bad_field', {
    message: `There is no voice "${voice}". GET /v1/voices lists them; ${openAiVoices.join(', ')} are among them.`,
    param: 'voice',
  });
}
