import { type Command, Option } from 'commander';

/** What becomes of heard words, as each command takes it that has to do with files. */
export function addPostProcessingOptions(command: Command): Command {
  return command
    .option(
      '-r, --replace <from=to>',
      'Write a phrase otherwise; nothing behind "=" leaves it out. May be repeated.',
      (value: string, before: readonly string[] = []) => [...before, value],
    )
    .option('--mask <file>', 'Show words as w****: those of this file, one on each line.')
    .addOption(
      new Option(
        '--formatting <how>',
        'Sentences begin with a capital; plain has no marks.',
      ).choices(['none', 'sentences', 'plain']),
    )
    .option('--profile <name>', 'Profile of POST_PROCESSING_FILE; none changes nothing.');
}
