import type { Command } from 'commander';
import { ConfigError, loadConfig } from '../config/index.js';
import { GatewayError } from '../errors/index.js';
import { CommandError } from './command-error.js';
import { exitCodes } from './exit-codes.js';
import { explain } from './explain.js';
import { stopOnSignal } from './stop-on-signal.js';

export function addWorkerCommand(program: Command): void {
  program
    .command('worker')
    .description(
      'Compute for gateways with ENGINE=nats, until Ctrl-C or SIGTERM; what was begun is finished first.',
    )
    .action(work);
}

async function work(): Promise<void> {
  const config = loadConfig();
  try {
    const { createWorker } = await import('../gateway/index.js');
    const worker = await createWorker(config);
    stopOnSignal(worker);
    const { name, model, device, slots } = worker;
    // Last, since whoever waits for this line may end us at once.
    process.stdout.write(`Worker ${name} serves ${model} on ${device}, slots: ${slots}\n`);
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    const words =
      error instanceof GatewayError
        ? `The worker could not start (${error.code}): ${error.message}`
        : explain(error);
    throw new CommandError(exitCodes.cannotStart, words);
  }
}
