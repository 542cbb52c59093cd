import { jetstream } from '@nats-io/jetstream';
import { describe, onTestFinished } from 'vitest';
import type { JobStore } from '../../src/jobs/job-store.js';
import { NatsParts } from '../../src/jobs/nats/nats-parts.js';
import { connectNats } from '../../src/nats/index.js';
import { natsServer, type StartedNats, startNats } from '../support/start-nats.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { jobStoreContract } from './job-store-contract.js';

/** What a gateway has of jobs. */
async function open({ url }: StartedNats, gatewayId: string): Promise<NatsParts> {
  const connection = await connectNats({ url, name: gatewayId });
  const parts = await NatsParts.create(jetstream(connection, { timeout: 3_000 }), {
    connection,
    gatewayId,
    prefix: 'test',
    replicas: 1,
    leaseMs: 1_000,
    dataDir: temporaryFolder(),
    reservedBytes: 0,
    warn: () => {},
    onLost: () => {},
  });
  onTestFinished(async () => {
    await parts.store.close();
    await parts.uploads.close();
    parts.close();
    await connection.close();
  });
  await parts.found();
  return parts;
}

describe.skipIf(!natsServer)('NATS', () => {
  jobStoreContract('NATS', async (): Promise<JobStore> => {
    return (await open(await startNats(), 'gw_1')).store;
  });
});
