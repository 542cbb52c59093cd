import type { Command } from 'commander';
import { loadConfig } from '../../config/index.js';
import { importModel } from '../../models/index.js';
import { modelsDirOf } from './models-dir.js';

export function addImportCommand(models: Command): void {
  models
    .command('import')
    .description(
      'Copy a Whisper model of your own, in the ggml format, or the folder of a voice to the others.',
    )
    .argument(
      '<path>',
      'A file such as ggml-my-model.bin, or the folder of a Piper or Kokoro voice.',
    )
    .option('--name <name>', 'Name to use it by; without it, what the file or folder is called.')
    .action(importOne);
}

async function importOne(source: string, { name }: { name?: string }): Promise<void> {
  const imported = await importModel(source, modelsDirOf(loadConfig()), name);
  const option = imported.kind === 'voice' ? 'SPEECH_MODEL' : 'MODEL';
  console.log(`${imported.path} is here. Use it with ${option}=${imported.name}`);
}
