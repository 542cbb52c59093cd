import { onTestFinished } from 'vitest';
import { type Config, loadConfig } from '../../src/config/index.js';
import { createGateway, type Gateway, type GatewayParts } from '../../src/gateway/index.js';
import { temporaryFolder } from './temporary-folder.js';

/** A quiet gateway on a free port with a data folder of its own, closed when the test is over. */
export async function startGateway(
  config: Partial<Config> = {},
  parts: GatewayParts = {},
): Promise<Gateway> {
  const quiet = { port: 0, logLevel: 'silent', shutdownTimeoutMs: 1_000 } as const;
  const dataDir = config.dataDir ?? temporaryFolder();
  const gateway = await createGateway(loadConfig({ ...quiet, dataDir, ...config }, {}), parts);
  onTestFinished(() => gateway.close());
  return gateway;
}
