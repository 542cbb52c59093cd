import { Command } from 'commander';
import { version } from '../config/index.js';
import { addDoctorCommand } from './doctor.js';
import { addHealthCommand } from './health.js';
import { addKeysCommand } from './keys.js';
import { addModelsCommand } from './models.js';
import { addStartCommand } from './start.js';
import { addTranscribeCommand } from './transcribe.js';
import { addWatchCommand } from './watch.js';
import { addWorkerCommand } from './worker.js';

/** All commands, in the order in which the help shows them. One file a command. */
const commands = [
  addStartCommand,
  addWorkerCommand,
  addTranscribeCommand,
  addWatchCommand,
  addModelsCommand,
  addKeysCommand,
  addDoctorCommand,
  addHealthCommand,
];

/**
 * The command line as data: parsing it runs a command. A command's action throws what went wrong;
 * `runCommandLine` says it and chooses the exit code. What only one command needs, its action imports.
 */
export function createProgram(): Command {
  const program = new Command('whisper-gateway')
    .description('Self-hosted realtime transcription. Without a command it starts the gateway.')
    .version(version, '-V, --version', 'Print the version.')
    .helpOption('-h, --help', 'Show help for a command.')
    .helpCommand('help [command]', 'Show help for a command.')
    .showHelpAfterError('Run it with --help to see what it takes.')
    .addHelpText('after', '\nSettings are environment variables: see docs/configuration.md.')
    // Subcommands inherit this where they are made after it.
    .exitOverride();
  for (const add of commands) add(program);
  return program;
}
