import { writeFile } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import {
  formatTranscript,
  type Transcript,
  type TranscriptFormat,
  transcriptFormats,
} from '../../transcript/index.js';
import { CommandError } from '../command-error.js';
import { exitCodes } from '../exit-codes.js';

/** Where the transcripts go. */
export interface Outputs {
  /** Writes what was asked for of one recording. */
  write(file: string, transcript: Transcript): Promise<void>;
}

interface OutputOptions {
  readonly format: string;
  readonly outputDir?: string;
  readonly words?: boolean;
}

/** The name of standard input, on the command line and where a file is written. */
export const standardInput = '-';
const standardInputStem = 'stdin';

/** @throws CommandError where the formats are unknown, or need a folder. */
export function createOutputs(files: readonly string[], options: OutputOptions): Outputs {
  const formats = parseFormats(options.format);
  const words = options.words === true;
  const { outputDir } = options;
  if (outputDir === undefined) {
    if (formats.length > 1 || (files.length > 1 && formats[0] !== 'txt')) {
      throw unusable('More than one file comes of this: name a folder with --output-dir.');
    }
    return {
      write: (_, transcript) =>
        print(formatTranscript(transcript, formats[0] as TranscriptFormat, { words })),
    };
  }
  const stems = stemsOf(files);
  return {
    async write(file, transcript) {
      for (const format of formats) {
        const path = join(outputDir, `${stems.get(file)}.${format}`);
        await writeFile(path, formatTranscript(transcript, format, { words }));
      }
    },
  };
}

/** @throws CommandError where a format is unknown. */
export function parseFormats(list: string): TranscriptFormat[] {
  const names = list.split(',').map((name) => name.trim().toLowerCase());
  const unknown = names.find((name) => !transcriptFormats.includes(name as TranscriptFormat));
  if (unknown !== undefined) {
    throw unusable(`There is no format "${unknown}". There are ${transcriptFormats.join(', ')}.`);
  }
  return [...new Set(names)] as TranscriptFormat[];
}

/** A name for each recording's output: its own without the ending, unless two would share that. */
function stemsOf(files: readonly string[]): Map<string, string> {
  const stems = new Map<string, string>();
  const taken = new Set<string>();
  for (const file of new Set(files)) {
    const name = file === standardInput ? standardInputStem : basename(file);
    const stem = basename(name, extname(name));
    let free = taken.has(stem) ? name : stem;
    for (let number = 2; taken.has(free); number++) free = `${name}-${number}`;
    taken.add(free);
    stems.set(file, free);
  }
  return stems;
}

function print(text: string): Promise<void> {
  return new Promise((resolve) => {
    process.stdout.write(text, () => resolve());
  });
}

function unusable(message: string): CommandError {
  return new CommandError(exitCodes.unusable, message);
}
