import { GatewayError } from '../../errors/index.js';
import { languageOfScript } from '../language-of-script.js';
import { openAiVoices } from '../openai-voices.js';
import type { Casting, Speaker, SpeechEngine, Voice } from '../speech-engine.js';
import { EspeakThread } from './espeak-thread.js';
import { defaultLanguage, espeakVariants, findLanguage } from './espeak-voices.js';
import type { EspeakLanguage } from './messages.js';

/** Words a minute at speed 1; what eSpeak NG itself begins with. */
const wordsPerMinute = 175;

/**
 * The embedded voice: eSpeak NG as WebAssembly, in a thread that starts with the first request and is
 * replaced when it fails. It speaks about a hundred times faster than time passes, so one is enough.
 */
export class EspeakEngine implements SpeechEngine {
  readonly model = 'espeak-ng';
  readonly #entry: string;
  #thread: Promise<EspeakThread> | undefined;
  #closed = false;

  /** @param entry Absolute path of the compiled `espeak-main`. */
  constructor(entry: string) {
    this.#entry = entry;
  }

  async voices(): Promise<readonly Voice[]> {
    const { languages } = await this.#running();
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
    const { sampleRate, languages } = await this.#running();
    const voice = voiceFor(casting, languages);
    return {
      sampleRate,
      say: async (text, speed, signal) => {
        if (signal.aborted) throw new GatewayError('cancelled');
        const rate = Math.round(wordsPerMinute * speed);
        const thread = await this.#running();
        return await thread.call({ kind: 'say', text, voice, wordsPerMinute: rate });
      },
    };
  }

  /** Writes eSpeak NG's data, which neural voices need to read text aloud, into a folder. */
  async exportData(folder: string): Promise<void> {
    const thread = await this.#running();
    await thread.call({ kind: 'export', folder });
  }

  async close(): Promise<void> {
    this.#closed = true;
    const thread = await this.#thread?.catch(() => null);
    await thread?.close();
  }

  async #running(): Promise<EspeakThread> {
    if (this.#closed) throw new GatewayError('server_draining');
    this.#thread ??= EspeakThread.start(this.#entry);
    const starting = this.#thread;
    const thread = await starting.catch((error: unknown) => {
      // The next request tries again.
      if (this.#thread === starting) this.#thread = undefined;
      throw error;
    });
    if (thread.alive) return thread;
    if (this.#thread === starting) this.#thread = undefined;
    return await this.#running();
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
