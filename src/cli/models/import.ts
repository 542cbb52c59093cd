import type { Command } from 'commander';
import { loadConfig } from '../../config/index.js';
import { importModel } from '../../models/index.js';
import { modelsDirOf } from './models-dir.js';

export function addImportCommand(models: Command): void {
  models
    .command('import')
    .description('Copy a Whisper model of your own, in the ggml format, to the others.')
    .argument('<file>', 'Such as ggml-my-model.bin.')
    .option('--name <name>', 'Name to use it by; without it, what its file name says.')
    .action(importFile);
}

async function importFile(file: string, { name }: { name?: string }): Promise<void> {
  const imported = await importModel(file, modelsDirOf(loadConfig()), name);
  console.log(`${imported.path} is here. Use it with MODEL=${imported.name}`);
}
