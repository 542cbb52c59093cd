import { type Command, Option } from 'commander';
import { CommandError } from './command-error.js';
import { exitCodes } from './exit-codes.js';
import { addPostProcessingOptions } from './post-processing/add-post-processing-options.js';
import type { TranscribeOptions } from './transcribe/transcribe-options.js';

export function addTranscribeCommand(program: Command): void {
  const command = program
    .command('transcribe')
    .description('Transcribe files: anything with audio in it. Needs no running gateway.')
    .argument('<files...>', 'Recordings; "-" reads standard input.')
    .option(
      '-f, --format <list>',
      'Any of txt, srt, vtt, json and tsv, separated by commas.',
      'txt',
    )
    .option(
      '-o, --output-dir <folder>',
      'Write a file for each recording and format to this folder.',
    )
    .option('-l, --language <code>', 'Spoken language, such as en or zh; auto detects it.', 'auto')
    .option('-m, --model <name>', 'Model to use instead of the MODEL setting.')
    .addOption(
      new Option('-t, --task <task>', 'Write down what is said, or say it in English.')
        .choices(['transcribe', 'translate'])
        .default('transcribe'),
    )
    .option('-p, --prompt <text>', 'Text that comes before, or terms to expect.', '')
    .option('-w, --words', 'List every word with its times (in json).')
    .addOption(
      new Option('-c, --channels <how>', 'All channels as one, or each by itself.')
        .choices(['mixed', 'split'])
        .default('mixed'),
    );
  addPostProcessingOptions(command).action(transcribe);
}

async function transcribe(files: string[], options: TranscribeOptions): Promise<void> {
  const { transcribeFiles } = await import('./transcribe/transcribe-files.js');
  const { failed, interrupted } = await transcribeFiles(files, options);
  if (interrupted) throw new CommandError(exitCodes.interrupted, 'Interrupted.');
  if (failed > 0) {
    const message = `${failed} of ${files.length} recordings could not be transcribed.`;
    throw new CommandError(exitCodes.failed, message);
  }
}
