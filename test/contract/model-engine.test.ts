import { describe, onTestFinished } from 'vitest';
import {
  MemoryBudget,
  ModelEngine,
  ModelManager,
  type ModelSource,
} from '../../src/models/index.js';
import { startWorkerPool } from '../support/native-engine.js';
import { engineContract } from './engine-contract.js';

describe('the models of a manager', () => {
  engineContract(async (slots) => {
    const source: ModelSource = {
      list: async () => [{ name: 'base-q8_0', since: 0, languages: 99 }],
      prepare: async () => ({
        memoryBytes: 1,
        open: async () => {
          const engine = await startWorkerPool({ slots });
          return { engine, close: () => engine.close() };
        },
      }),
    };
    const manager = new ModelManager({
      defaultModel: 'base-q8_0',
      source,
      budget: new MemoryBudget(1),
      idleMs: 0,
      keepDefault: true,
    });
    const engine = new ModelEngine(manager);
    onTestFinished(() => engine.close());
    (await manager.lease()).release();
    return engine;
  });
});
