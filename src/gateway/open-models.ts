import type { Config } from '../config/index.js';
import { readCpu } from '../devices/index.js';
import type { Engine, WorkerGpu } from '../engine/index.js';
import type { InferenceHosts } from '../hosts/index.js';
import {
  availableModels,
  MemoryBudget,
  ModelEngine,
  ModelManager,
  type ModelSource,
} from '../models/index.js';
import { modelHooks } from '../telemetry/index.js';
import { prepareEngine, type Surroundings } from './open-engine.js';
import { modelsOfHosts, openHosts } from './open-hosts.js';

/** The models of a gateway, and all of them as one engine. */
export interface OpenModels {
  readonly models: ModelManager;
  readonly engine: ModelEngine;
  readonly budget: MemoryBudget;
  /** Null where this machine computes. */
  readonly hosts: InferenceHosts | null;
}

/** Share of the memory that models and voices may take where nobody says how much. */
const usableShare = 0.8;

/**
 * The model manager, with the default model loaded.
 * @param given An engine that is brought along, with its model: then there is no other.
 * @throws GatewayError `model_not_found`, `model_corrupt`, or why no worker could start.
 */
export async function openModels(
  config: Config,
  around: Surroundings,
  given?: Engine,
): Promise<OpenModels> {
  const budget = new MemoryBudget(config.modelMemoryBytes || usableMemory([]));
  const hosts = given ? null : await openHosts(config, around);
  const own = hosts ? modelsOfHosts(hosts, config) : modelsOf(config, around);
  const models = new ModelManager({
    defaultModel: given?.info.model ?? config.model,
    source: given ? onlyModel(given) : own,
    budget,
    idleMs: config.modelIdleMs,
    keepDefault: config.keepDefaultModel === 'always',
    hooks: modelHooks(around.metrics, around.logger, around.errors),
  });
  const engine = new ModelEngine(models);
  around.closers.push(() => models.close());
  // Loaded before anybody asks for it, or the gateway does not start.
  (await models.lease()).release();
  // Only what runs on them knows the GPUs for sure.
  if (config.modelMemoryBytes === 0) budget.totalBytes = usableMemory(engine.gpus);
  return { models, engine, budget, hosts };
}

/** What the folder of models has, each in workers of its own. */
function modelsOf(config: Config, around: Surroundings): ModelSource {
  return {
    list: async () => {
      const here = await availableModels(around.modelsDir);
      const known = here.some(({ name }) => name === config.model);
      // The operator may name a file that is anywhere.
      return known ? here : [{ name: config.model, since: Date.now(), languages: null }, ...here];
    },
    prepare: (name) => prepareEngine(name, config, around),
  };
}

/** An engine that belongs to somebody else, who closes it. */
function onlyModel(engine: Engine): ModelSource {
  const model = { name: engine.info.model, since: Date.now(), languages: null };
  const open = async () => ({ engine, close: async () => {} });
  return { list: async () => [model], prepare: async () => ({ memoryBytes: 0, open }) };
}

/** Bytes of what inference computes on: of the GPUs where there are some, else of the machine. */
function usableMemory(gpus: readonly WorkerGpu[]): number {
  const ofGpus = gpus.reduce((sum, { device }) => sum + device.totalMemory, 0);
  return Math.floor(usableShare * (ofGpus || readCpu().totalMemory));
}
