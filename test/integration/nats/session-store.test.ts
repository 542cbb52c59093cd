import { randomUUID } from 'node:crypto';
import { jetstreamManager } from '@nats-io/jetstream';
import { describe, expect, onTestFinished, test } from 'vitest';
import { connectNats } from '../../../src/nats/index.js';
import { JetStreamSessionStore, type JournalEntry } from '../../../src/session/index.js';
import { natsServer, startNats } from '../../support/start-nats.js';

const entry = { owner: {}, events: [], checkpoint: {}, end: null } as unknown as JournalEntry;

/** What a gateway keeps its sessions in, and what it was told of that; closed when the test is over. */
async function open(url: string, entriesMs = 300_000) {
  const connection = await connectNats({ url, name: 'gateway' });
  const told: boolean[] = [];
  const store = await JetStreamSessionStore.open(connection, {
    prefix: 'test',
    replicas: 1,
    entriesMs,
    audioMs: 300_000,
    onAvailable: (available) => told.push(available),
  });
  onTestFinished(async () => {
    store.close();
    await connection.close();
  });
  return { store, told, manager: await jetstreamManager(connection) };
}

/** Samples that are not all the same. */
const samplesOf = (length: number) => Int16Array.from({ length }, (_, index) => index % 9_973);

describe.skipIf(!natsServer)('what is kept of sessions', () => {
  test('holds every sample of the largest frames, in messages that NATS lets through', async () => {
    const { store, told } = await open((await startNats({ maxPayload: 65_536 })).url);
    const id = randomUUID();
    const journal = store.begin(id);
    expect(await journal.append(entry)).toBe('kept');
    const samples = samplesOf(2 ** 19 + 777);
    const first = 100;
    journal.appendAudio({ start: 0, samples: samples.subarray(0, first) });
    journal.appendAudio({ start: first, samples: samples.subarray(first) });
    await journal.audioKept();
    const kept = await store.find(id);
    expect(await kept?.audioFrom(0)).toEqual([{ start: 0, samples }]);
    // One message too large would have ended keeping for every session.
    expect(told).toEqual([]);
  });

  test('is begun anew where NATS has lost its streams', async () => {
    const { store, told, manager } = await open((await startNats()).url);
    const id = randomUUID();
    const journal = store.begin(id);
    expect(await journal.append(entry)).toBe('kept');
    for (const name of ['test_sessions', 'test_session_audio']) await manager.streams.delete(name);
    expect(await journal.append(entry)).toBe('unkept');
    await expect.poll(() => told, { timeout: 20_000 }).toEqual([false, true]);
    expect(await journal.append(entry)).toBe('kept');
    const samples = samplesOf(8_000);
    journal.appendAudio({ start: 0, samples });
    await journal.audioKept();
    expect(await (await store.find(id))?.audioFrom(0)).toEqual([{ start: 0, samples }]);
    expect(told).toEqual([false, true]);
  });

  test('may be kept for a shorter time, and for a longer one, after another start', async () => {
    const { url } = await startNats();
    for (const entriesMs of [300_000, 90_000, 300_000]) {
      const { manager } = await open(url, entriesMs);
      const { config } = await manager.streams.info('test_sessions');
      const ofMs = (nanos: number) => nanos / 1e6;
      expect([config.max_age, config.duplicate_window].map(ofMs)).toEqual([
        entriesMs,
        Math.min(entriesMs, 120_000),
      ]);
    }
  });
});
