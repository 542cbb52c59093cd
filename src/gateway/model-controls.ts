import type { AdminControls, ModelSource, ServedModel } from '../http/index.js';
import { defaultAlias, type ModelManager } from '../models/index.js';
import { defaultSpeechAlias, type SpeechService } from '../speech/index.js';

type ModelControls = ModelSource & Pick<AdminControls, 'switchModel' | 'loadModel' | 'unloadModel'>;

/** The models that requests may name, and how they are loaded, unloaded and switched. */
export function modelControls(models: ModelManager, speech: SpeechService): ModelControls {
  const startedAt = Date.now();

  async function forTranscription(): Promise<ServedModel[]> {
    const available = await models.available();
    const served = available.map(
      ({ name, since, languages }): ServedModel => ({
        id: name,
        since,
        purpose: 'transcription',
        loaded: models.engineOf(name) !== null,
        default: name === models.defaultModel,
        languages,
      }),
    );
    const { defaultModel } = models;
    const alias = served.find(({ id }) => id === defaultModel);
    return alias ? [...served, { ...alias, id: defaultAlias, alias_of: defaultModel }] : served;
  }

  async function forSpeech(): Promise<ServedModel[]> {
    const served = (await speech.models()).map(
      ({ model, loaded }): ServedModel => ({
        id: model,
        since: startedAt,
        purpose: 'speech',
        loaded,
        default: model === speech.defaultModel,
        languages: null,
      }),
    );
    const alias = served.find((model) => model.default);
    return alias ? [...served, { ...alias, id: defaultSpeechAlias, alias_of: alias.id }] : served;
  }

  return {
    transcriptionModels: forTranscription,
    models: async () => [...(await forTranscription()), ...(await forSpeech())],
    switchModel: async (name) => {
      const { from, to, tookMs } = await models.switchTo(name);
      return { model: to, previous: from, took_ms: Math.round(tookMs) };
    },
    loadModel: async (name) => {
      const startedAt = performance.now();
      const { model, release } = await models.lease(name);
      release();
      return { model, took_ms: Math.round(performance.now() - startedAt) };
    },
    unloadModel: async (name) => ({ model: name, unloaded: await models.unload(name) }),
  };
}
