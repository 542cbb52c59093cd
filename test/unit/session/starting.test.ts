import { expect, test } from 'vitest';
import type { Session } from '../../../src/session/index.js';
import {
  eventually,
  numbers,
  ScriptedClient,
  scriptedSessions,
  startMessage,
} from '../../support/scripted-sessions.js';

/** A session whose model takes until `loaded` is called. */
function startSlowly() {
  let loaded = () => {};
  const loading = new Promise<void>((resolve) => {
    loaded = resolve;
  });
  const { registry, engine } = scriptedSessions({}, null, {
    leaseModel: async () => {
      await loading;
      return { model: 'scripted', engine, release() {} };
    },
  });
  const client = new ScriptedClient();
  const { processor } = registry.open(client) as Session;
  processor.start(startMessage({ language: 'en', prompt: 'before' }));
  return { client, engine, processor, loaded };
}

const spoken = 9_600 * 2;

test('what is changed while the model is loaded holds from the first window on', async () => {
  const { client, engine, processor, loaded } = startSlowly();
  processor.configure({ type: 'configure', language: 'de', endpoint_ms: 1_500 });
  // With the usual endpoint the pause behind the first number would end its utterance.
  processor.write(numbers(2));
  loaded();
  processor.stop();
  await processor.stopped;
  expect(new Set(engine.windows.map(({ options }) => options.language))).toEqual(new Set(['de']));
  expect(client.events.filter(({ type }) => type === 'final')).toHaveLength(1);
});

test('what was finalized while the model was loaded is final as soon as it can be', async () => {
  const { client, processor, loaded } = startSlowly();
  processor.write(numbers(1).subarray(0, spoken));
  processor.finalize();
  loaded();
  await eventually(() => client.events.find(({ type }) => type === 'final'));
  await processor.cleanup('done');
});
