import type { Command } from 'commander';
import { addImportCommand } from './models/import.js';
import { addListCommand } from './models/list.js';
import { addPullCommand } from './models/pull.js';
import { addRemoveCommand } from './models/remove.js';
import { addVerifyCommand } from './models/verify.js';

export function addModelsCommand(program: Command): void {
  const models = program
    .command('models')
    .description('Show, download, check and remove the models that recognise speech, and voices.');
  addListCommand(models);
  addPullCommand(models);
  addVerifyCommand(models);
  addRemoveCommand(models);
  addImportCommand(models);
}
