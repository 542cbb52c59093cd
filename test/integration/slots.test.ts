import { expect, onTestFinished, test } from 'vitest';
import { ScriptedEngine, spokenThrough } from '../../src/engine/index.js';
import { jfkAs } from '../support/jfk.js';
import { startGateway } from '../support/start-gateway.js';
import { StreamClient } from '../support/stream-client.js';

test('slots that the engine gains while it runs are used at once, and those it loses no more', async () => {
  const engine = new ScriptedEngine({
    script: (window) => spokenThrough(window, 'words'),
    held: true,
  });
  onTestFinished(() => engine.close());
  const gateway = await startGateway({}, { engine });
  const pcm = await jfkAs();
  const clients = await Promise.all([1, 2, 3].map(() => StreamClient.connect(gateway.url)));
  for (const client of clients) {
    await client.start({ interim_results: false, audio: { format: 'pcm_s16le' } });
    await client.sendAudio(pcm);
  }
  await engine.arrived(1);
  expect(engine.active).toBe(1);
  engine.slots = 3;
  await expect.poll(() => engine.active).toBe(3);
  expect(gateway.health().slots).toBe(3);

  engine.slots = 1;
  engine.release();
  await Promise.all(clients.map((client) => client.stop()));
  expect(engine.mostActive).toBe(3);
  expect(clients.map(({ text }) => text)).not.toContain('');
});
