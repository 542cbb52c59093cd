import type { Command } from 'commander';
import { gatewayAddress, loadConfig } from '../config/index.js';
import { CommandError } from './command-error.js';
import { exitCodes } from './exit-codes.js';

/** A gateway that lives answers at once, even under load. */
const answerTimeoutMs = 5_000;

export function addHealthCommand(program: Command): void {
  program
    .command('health')
    .description(
      'Ask the gateway of these settings whether it lives, for service managers and containers. Fails where it does not answer.',
    )
    .option('--ready', 'fail as well where it takes no work at present')
    .action(health);
}

async function health({ ready = false }: { readonly ready?: boolean }): Promise<void> {
  const config = loadConfig();
  const { Agent, request } = await import('undici');
  // Its certificate is for the name that others call it by.
  const dispatcher = new Agent({ connect: { rejectUnauthorized: false } });
  try {
    const { statusCode, body } = await request(
      `${gatewayAddress(config)}${ready ? '/ready' : '/health'}`,
      {
        dispatcher,
        signal: AbortSignal.timeout(answerTimeoutMs),
      },
    );
    const answer = (await body.text()).trim();
    if (statusCode !== 200) throw new CommandError(exitCodes.failed, answer);
    process.stdout.write(`${answer}\n`);
  } catch (error) {
    if (error instanceof CommandError) throw error;
    throw new CommandError(exitCodes.failed, `It does not answer: ${(error as Error).message}`);
  } finally {
    await dispatcher.close();
  }
}
