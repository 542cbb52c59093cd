import { type Command, InvalidArgumentError, Option } from 'commander';
import { addPostProcessingOptions } from './post-processing/add-post-processing-options.js';
import type { WatchOptions } from './watch/watch-folder.js';

export function addWatchCommand(program: Command): void {
  const command = program
    .command('watch')
    .description('Transcribe every file that appears in a folder, as a job of a running gateway.')
    .argument('<folder>', 'Where recordings appear; its own folders are left alone.')
    .option('-o, --output <folder>', 'Write transcripts there instead of beside the recordings.')
    .option('-f, --format <list>', 'Any of txt, srt, vtt, json and tsv.', 'txt')
    .option('-l, --language <code>', 'Spoken language, such as en or zh; auto detects it.', 'auto')
    .option('-m, --model <name>', "Model of the gateway; without it, the gateway's default.")
    .addOption(
      new Option('-t, --task <task>', 'Write down what is said, or say it in English.')
        .choices(['transcribe', 'translate'])
        .default('transcribe'),
    )
    .option('-p, --prompt <text>', 'Text that comes before, or terms to expect.', '')
    .addOption(
      new Option('-c, --channels <how>', 'All channels as one, or each by itself.')
        .choices(['mixed', 'split'])
        .default('mixed'),
    )
    .option('-g, --gateway <address>', 'The gateway, instead of the one of HOST and PORT.')
    .option('-k, --api-key <key>', "The gateway's key; API_KEY keeps it out of the process list.")
    .option('--once', 'Transcribe what is there, then end: with 1 where a file has no transcript.')
    .addOption(
      new Option('--wait <seconds>', 'How long --once waits for a gateway that is away or busy.')
        .default(30)
        .argParser(toSeconds),
    );
  addPostProcessingOptions(command).action(watch);
}

function toSeconds(text: string): number {
  const seconds = Number(text);
  if (text.trim() === '' || !(seconds >= 0)) throw new InvalidArgumentError('It is no number.');
  return seconds;
}

async function watch(folder: string, options: WatchOptions): Promise<void> {
  const { watchFolder } = await import('./watch/watch-folder.js');
  await watchFolder(folder, options);
}
