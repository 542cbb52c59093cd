import { onTestFinished } from 'vitest';
import { ScriptedEngine, spokenThrough } from '../../src/engine/index.js';
import { engineContract } from './engine-contract.js';

engineContract(async (slots) => {
  const engine = new ScriptedEngine({
    slots,
    script: (window) => spokenThrough(window, `heard ${window.pcm.length} samples`),
    // As the real one: the longer the window, the longer it takes.
    latencyMs: (window) => window.pcm.length / 200,
  });
  onTestFinished(() => engine.close());
  return engine;
});
