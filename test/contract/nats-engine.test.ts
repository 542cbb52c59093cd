import { afterAll, beforeAll, describe, onTestFinished } from 'vitest';
import { ScriptedEngine, spokenThrough } from '../../src/engine/index.js';
import { natsEngine, serveEngine } from '../support/nats-hosts.js';
import { natsServer, type StartedNats, startNats } from '../support/start-nats.js';
import { startWorker } from '../support/start-worker.js';
import { engineContract } from './engine-contract.js';

describe.skipIf(!natsServer)('an engine over NATS', () => {
  let nats: StartedNats;
  /** What runs for the whole file: `afterAll` takes nothing any more once hooks run. */
  const closers: (() => Promise<void>)[] = [];
  const atEnd = (close: () => Promise<void>) => void closers.push(close);
  beforeAll(async () => {
    nats = await startNats({ atEnd });
  });
  afterAll(async () => {
    for (const close of closers.reverse()) await close();
  });

  describe('whose host has a scripted engine', () => {
    let prefixes = 0;
    engineContract(async (slots) => {
      const scripted = new ScriptedEngine({
        slots,
        script: (window) => spokenThrough(window, `heard ${window.pcm.length} samples`),
        latencyMs: (window) => window.pcm.length / 200,
      });
      onTestFinished(() => scripted.close());
      const prefix = `scripted${++prefixes}`;
      await serveEngine(nats.url, prefix, scripted);
      return await natsEngine(nats.url, prefix, 'scripted');
    });
  });

  describe('whose host is a worker process', () => {
    const prefixOf = (slots: number) => `slots${slots}`;
    beforeAll(async () => {
      for (const slots of [1, 2]) {
        const env = { NATS_PREFIX: prefixOf(slots), ASR_SLOTS: String(slots) };
        await startWorker(nats.url, env, atEnd);
      }
    });
    engineContract((slots) => natsEngine(nats.url, prefixOf(slots), 'base-q8_0'));
  });
});
