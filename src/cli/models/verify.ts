import type { Command } from 'commander';
import { loadConfig } from '../../config/index.js';
import { type VerifiedModel, verifyModels } from '../../models/index.js';
import { CommandError } from '../command-error.js';
import { exitCodes } from '../exit-codes.js';
import { alignColumns } from '../terminal/align-columns.js';
import { type Colors, colorsFor } from '../terminal/colors.js';
import { modelsDirOf } from './models-dir.js';

export function addVerifyCommand(models: Command): void {
  models
    .command('verify')
    .description('Read the models and voices that are here and compare them with their checksums.')
    .argument('[name]', 'One of them; without it, all.')
    .option('--json', 'Print a JSON array instead.')
    .addHelpText('after', '\nEnds with 1 where one is damaged.')
    .action(verify);
}

async function verify(name: string | undefined, { json }: { json?: true }): Promise<void> {
  const verified = await verifyModels(modelsDirOf(loadConfig()), name ?? null);
  if (json) console.log(JSON.stringify(verified.map(asJson), null, 2));
  else
    console.log(
      alignColumns(verified.map((it) => rowOf(it, colorsFor(process.stdout)))).join('\n'),
    );
  const damaged = verified.filter(({ check }) => check.state === 'damaged');
  if (damaged.length === 0) return;
  const names = damaged.map((model) => model.name).join(', ');
  throw new CommandError(
    exitCodes.failed,
    `Damaged: ${names}. Get a model of the catalogue anew with "whisper-gateway models pull NAME".`,
  );
}

function rowOf({ name, path, check }: VerifiedModel, colors: Colors): string[] {
  switch (check.state) {
    case 'ok':
      return [colors.green('ok'), name, path];
    case 'unknown':
      return [colors.yellow('unknown'), name, `${path}: there is no checksum to compare it with`];
    case 'damaged':
      return [colors.red('damaged'), name, `${path} ${check.problem}`];
  }
}

function asJson({ name, path, check }: VerifiedModel) {
  const problem = check.state === 'damaged' ? check.problem : null;
  return { name, path, check: check.state, problem };
}
