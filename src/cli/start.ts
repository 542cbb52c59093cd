import type { Command } from 'commander';
import { ConfigError, loadConfig } from '../config/index.js';
import { GatewayError } from '../errors/index.js';
import { CommandError } from './command-error.js';
import { exitCodes } from './exit-codes.js';
import { explain } from './explain.js';
import { stopOnSignal } from './stop-on-signal.js';

export function addStartCommand(program: Command): void {
  program
    .command('start')
    .description('Run the gateway until Ctrl-C or SIGTERM; what is live is finished first.')
    .action(start);
}

async function start(): Promise<void> {
  const config = loadConfig();
  try {
    const { createGateway } = await import('../gateway/index.js');
    const gateway = await createGateway(config);
    stopOnSignal(gateway);
    // Last, since whoever waits for this line may end us at once.
    process.stdout.write(`\nWhisper Gateway listens at ${gateway.url}\n\n`);
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw new CommandError(exitCodes.cannotStart, whyNot(error));
  }
}

function whyNot(error: unknown): string {
  if (error instanceof GatewayError) {
    return `The gateway could not start (${error.code}): ${error.message}`;
  }
  if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') {
    return 'The port is taken by another program. Set PORT to a free one.';
  }
  return explain(error);
}
