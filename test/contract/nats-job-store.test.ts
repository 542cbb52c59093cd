import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { jetstream } from '@nats-io/jetstream';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { JobStore } from '../../src/jobs/job-store.js';
import { NatsParts } from '../../src/jobs/nats/nats-parts.js';
import { connectNats } from '../../src/nats/index.js';
import { natsServer, type StartedNats, startNats } from '../support/start-nats.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { jobStoreContract, request, start, upload, window } from './job-store-contract.js';

/** What a gateway has of jobs. */
async function open({ url }: StartedNats, gatewayId: string, leaseMs = 1_000): Promise<NatsParts> {
  const connection = await connectNats({ url, name: gatewayId });
  const parts = await NatsParts.create(jetstream(connection, { timeout: 3_000 }), {
    connection,
    gatewayId,
    prefix: 'test',
    replicas: 1,
    leaseMs,
    dataDir: temporaryFolder(),
    reservedBytes: 0,
    warn: () => {},
    onLost: () => {},
  });
  onTestFinished(async () => {
    await parts.close();
    await connection.close();
  });
  await parts.found();
  return parts;
}

const anyRoom = async () => {};

describe.skipIf(!natsServer)('NATS', () => {
  jobStoreContract('NATS', async (): Promise<JobStore> => {
    return (await open(await startNats(), 'gw_1')).store;
  });

  test('a gateway that is taken for gone loses its job, and can add nothing to it', async () => {
    const nats = await startNats();
    // It beats too rarely for the other one.
    const one = await open(nats, 'gw_1', 600_000);
    const other = await open(nats, 'gw_2');
    const [job] = await one.store.add([upload()], request(), 1);
    const id = job?.id as string;
    const first = await start(one.store, id);
    await first.windows();
    await first.addWindow(window(0), 1);
    await first.reachedEngine();
    await expect.poll(() => other.store.find(id)?.state, { timeout: 20_000 }).toBe('queued');
    const second = await start(other.store, id);
    expect(second.job).toMatchObject({ starts: 2, fruitlessStarts: 1 });
    expect(await second.windows()).toEqual([window(0)]);
    await expect(first.addWindow(window(1), 1)).rejects.toMatchObject({ code: 'cancelled' });
    await second.addWindow(window(2), 2);
    for (const { store } of [one, other]) {
      expect(await store.windows(id)).toEqual([window(0), window(2)]);
      expect(await store.fetch(id)).toMatchObject({ doneMs: 2, fruitlessStarts: 0 });
    }
  });

  test('of two gateways that both start, change or tell something, one does', async () => {
    const nats = await startNats();
    const stores = [(await open(nats, 'gw_1')).store, (await open(nats, 'gw_2')).store] as const;
    const jobs = await stores[0].add([upload(), upload(), upload()], request(), 1);
    await expect.poll(() => stores[1].count('queued')).toBe(3);
    for (const { id } of jobs) {
      const starts = await Promise.all(stores.map((store) => store.start(id, 1)));
      expect(starts.filter(Boolean)).toHaveLength(1);
      const notice = { id: `msg_${id}`, url: 'http://a', body: '{}', tries: 0, dueAtMs: 1 };
      const end = () =>
        Promise.all(
          stores.map((store) => store.ended(id, { state: 'cancelled' }, 1, () => notice)),
        );
      expect((await end()).filter(Boolean)).not.toHaveLength(0);
      for (const store of stores) await store.fetch(id);
      const until = Date.now() + 60_000;
      const taken = await Promise.all(
        stores.map(({ deliveries }) => deliveries.take(notice.id, until)),
      );
      expect(taken.filter(Boolean)).toHaveLength(1);
    }
  });

  test('a start has a number of its own, whatever its gateway had not heard of yet', async () => {
    const nats = await startNats();
    const [one, late] = [await open(nats, 'gw_1'), await open(nats, 'gw_2')] as const;
    const [job] = await one.store.add([upload()], request(), 1);
    const id = job?.id as string;
    await late.store.fetch(id);
    // From now on this one is told of nothing.
    await late.store.close();
    await start(one.store, id);
    await one.store.interrupt();
    expect((await start(late.store, id)).job.starts).toBe(2);
  });

  test('a file that one gateway received is at the other, and gone with its job', async () => {
    const nats = await startNats();
    const [one, other] = [await open(nats, 'gw_1'), await open(nats, 'gw_2')] as const;
    const bytes = randomBytes(1_000_000);
    const received = await one.uploads.receive('a.wav', Readable.from([bytes]), anyRoom);
    const path = await other.uploads.locate(received.id);
    expect(readFileSync(path).equals(bytes)).toBe(true);
    const empty = await one.uploads.receive('b.wav', Readable.from([]), anyRoom);
    expect(readFileSync(await other.uploads.locate(empty.id))).toHaveLength(0);
    await one.uploads.remove(received.id);
    await other.uploads.forget(received.id);
    expect(existsSync(path)).toBe(false);
    await expect(other.uploads.locate(received.id)).rejects.toMatchObject({ code: 'not_found' });
  });
});
