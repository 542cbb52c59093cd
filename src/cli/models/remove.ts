import type { Command } from 'commander';
import { loadConfig } from '../../config/index.js';
import { describeBytes, removeModel } from '../../models/index.js';
import { modelsDirOf } from './models-dir.js';

export function addRemoveCommand(models: Command): void {
  models
    .command('remove')
    .description('Delete downloaded or imported models and voices.')
    .argument('<name...>', 'Their names.')
    .action(remove);
}

async function remove(names: string[]): Promise<void> {
  const dir = modelsDirOf(loadConfig());
  for (const name of names) {
    const freed = await removeModel(name, dir);
    console.log(`${name} is removed: ${describeBytes(freed)} are free again.`);
  }
}
