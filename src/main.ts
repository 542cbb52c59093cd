#!/usr/bin/env node
import { ConfigError, loadConfig } from './config/index.js';
import { GatewayError } from './errors/index.js';
import { createGateway } from './gateway.js';

/** Exit codes of the gateway, for scripts and service managers. */
const exitCodes = { unusableConfig: 2, cannotStart: 3 } as const;
/** Signals that come closer together than this are one. */
const repeatedSignalMs = 500;

try {
  const config = loadConfig();
  const gateway = await createGateway(config);
  process.stdout.write(`\nWhisper Gateway listens at ${gateway.url}\n\n`);
  const stop = () => {
    // A further signal finds the default handler, which ends the process at once; but the first
    // Ctrl-C comes twice where npm passes on what the terminal has sent to us already.
    setTimeout(() => process.off('SIGTERM', stop).off('SIGINT', stop), repeatedSignalMs).unref();
    void gateway.close().then(() => process.exit(0));
  };
  process.on('SIGTERM', stop).on('SIGINT', stop);
} catch (error) {
  process.stderr.write(`${explain(error)}\n`);
  process.exit(error instanceof ConfigError ? exitCodes.unusableConfig : exitCodes.cannotStart);
}

/** Plain words for what an operator can mend; the whole error for what only we can. */
function explain(error: unknown): string {
  if (error instanceof ConfigError) return `These settings cannot be used:\n${error.message}`;
  if (error instanceof GatewayError) {
    return `The gateway could not start (${error.code}): ${error.message}`;
  }
  if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') {
    return 'The port is taken by another program. Set PORT to a free one.';
  }
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
