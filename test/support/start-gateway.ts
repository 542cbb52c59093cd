import { onTestFinished } from 'vitest';
import { type Config, loadConfig } from '../../src/config/index.js';
import { createGateway, type Gateway, type GatewayParts } from '../../src/gateway/index.js';

/** A quiet gateway on a free port, closed when the test is over. */
export async function startGateway(
  config: Partial<Config> = {},
  parts: GatewayParts = {},
): Promise<Gateway> {
  const gateway = await createGateway(
    loadConfig({ port: 0, logLevel: 'silent', shutdownTimeoutMs: 1_000, ...config }, {}),
    parts,
  );
  onTestFinished(() => gateway.close());
  return gateway;
}
