import { onTestFinished } from 'vitest';
import { ScriptedEngine, spokenThrough } from '../../../../src/engine/index.js';
import { GatewayError } from '../../../../src/errors/index.js';
import {
  MemoryBudget,
  ModelEngine,
  ModelManager,
  type ModelManagerOptions,
  type ModelSource,
} from '../../../../src/models/index.js';

interface ScriptedModels extends Partial<ModelManagerOptions> {
  /** What each model takes. @default 10 each */
  readonly bytes?: Readonly<Record<string, number>>;
  readonly budgetBytes?: number;
  /** Slots of each. @default 1 */
  readonly slots?: Readonly<Record<string, number>>;
}

/** A manager of models `a`, `b`, `c` and `broken` whose engines say their model's name. */
export function scriptedModels({
  bytes = {},
  budgetBytes = 1_000,
  slots = {},
  ...own
}: ScriptedModels = {}) {
  /** What happened, in a few words each. */
  const events: string[] = [];
  const engines = new Map<string, ScriptedEngine>();
  let held = false;
  const letGo = new Set<() => void>();

  const source: ModelSource = {
    list: async () =>
      ['a', 'b', 'c', 'broken'].map((name) => ({ name, since: 0, languages: null })),
    prepare: async (name) => ({
      memoryBytes: bytes[name] ?? 10,
      open: async (signal) => {
        events.push(`open ${name}`);
        if (held) await new Promise<void>((resolve) => letGo.add(resolve));
        if (name === 'broken') throw new GatewayError('model_corrupt');
        if (signal.aborted) throw new GatewayError('engine_unavailable');
        const engine = new ScriptedEngine({
          script: (window) => spokenThrough(window, name),
          slots: slots[name] ?? 1,
        });
        engines.set(name, engine);
        return {
          engine,
          close: async () => {
            events.push(`close ${name}`);
            await engine.close();
          },
        };
      },
    }),
  };
  const budget = new MemoryBudget(budgetBytes);
  const manager = new ModelManager({
    defaultModel: 'a',
    source,
    budget,
    idleMs: 0,
    keepDefault: true,
    ...own,
    hooks: {
      onLoaded: ({ model, error }) =>
        events.push(error ? `${model}: ${error.code}` : `loaded ${model}`),
      onUnloaded: ({ model, reason }) => events.push(`unload ${model}: ${reason}`),
      onSwitched: ({ from, to }) => events.push(`switched ${from} to ${to}`),
    },
  });
  const engine = new ModelEngine(manager);
  onTestFinished(() => {
    for (const resolve of letGo) resolve();
    return manager.close();
  });
  return {
    manager,
    engine,
    engines,
    budget,
    events,
    /** Names of those that are loaded or being loaded. */
    loaded: () => manager.status.map(({ name }) => name),
    /** From now on loads wait for `release`. */
    hold: () => {
      held = true;
    },
    release: () => {
      held = false;
      for (const resolve of letGo) resolve();
      letGo.clear();
    },
  };
}
