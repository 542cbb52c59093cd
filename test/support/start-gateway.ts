import { expect, onTestFinished } from 'vitest';
import { type Config, loadConfig } from '../../src/config/index.js';
import { createGateway, type Gateway, type GatewayParts } from '../../src/gateway/index.js';
import { createMetrics } from '../../src/telemetry/index.js';
import { temporaryFolder } from './temporary-folder.js';

/**
 * A quiet gateway on a free port with a data folder of its own, closed when the test is over. The test fails
 * where the ledger of a session, whoever streamed it, does not sum up to what was received.
 */
export async function startGateway(
  config: Partial<Config> = {},
  parts: GatewayParts = {},
): Promise<Gateway> {
  const quiet = {
    port: 0,
    logLevel: 'silent',
    shutdownTimeoutMs: 1_000,
    // How busy the machine is beside a test is not its subject.
    maxFinalWaitMs: 0,
  } as const;
  const dataDir = config.dataDir ?? temporaryFolder();
  const metrics = createMetrics();
  const gateway = await createGateway(loadConfig({ ...quiet, dataDir, ...config }, {}), {
    metrics,
    ...parts,
  });
  onTestFinished(async () => {
    await gateway.close();
    const { values } = await metrics.ledgerImbalances.get();
    expect(values[0]?.value, 'ledgers that do not balance').toBe(0);
  });
  return gateway;
}
