import { describe, expect, onTestFinished, test } from 'vitest';
import { GatewayPulse } from '../../../src/jobs/nats/gateway-pulse.js';
import { connectNats } from '../../../src/nats/index.js';
import { natsServer, startNats } from '../../support/start-nats.js';

const leaseMs = 500;

/** The pulse of a gateway with a connection of its own. */
async function beat(url: string, id: string, onBeat: () => void = () => {}) {
  const connection = await connectNats({ url, name: id });
  const pulse = new GatewayPulse(connection, { subject: 'alive', id, leaseMs, onBeat });
  onTestFinished(async () => {
    pulse.close();
    await connection.close();
  });
  return pulse;
}

describe.skipIf(!natsServer)('who is gone', () => {
  test('is nobody while NATS stands still, nor right afterwards; then whoever is silent', async () => {
    const nats = await startNats();
    const judged: boolean[] = [];
    const one = await beat(nats.url, 'gw_1', () => judged.push(one.isGone('gw_2')));
    const other = await beat(nats.url, 'gw_2');
    const judgedFor = async (leases: number) => {
      // A gateway beats five times in a lease.
      const count = judged.length + 5 * leases;
      await expect.poll(() => judged.length, { timeout: 20_000 }).toBeGreaterThan(count);
    };
    await judgedFor(1);
    nats.freeze();
    await judgedFor(3);
    nats.thaw();
    await judgedFor(3);
    expect(judged).not.toContain(true);
    other.close();
    await expect.poll(() => one.isGone('gw_2'), { timeout: 20_000 }).toBe(true);
    expect(one.isGone('gw_1')).toBe(false);
  });
});
