import { CommanderError } from 'commander';
import { ConfigError } from '../config/index.js';
import { CommandError } from './command-error.js';
import { type ExitCode, exitCodes } from './exit-codes.js';
import { explain } from './explain.js';
import { createProgram } from './program.js';

/**
 * Runs one command. Where it fails, the reason is said on stderr and the process ends with one of
 * `exitCodes`; where it succeeds, the process goes on for as long as the command has something open.
 * @param args Without the program and the script.
 */
export async function runCommandLine(args: readonly string[]): Promise<void> {
  process.stdout.on('error', leaveWithReader);
  try {
    await createProgram().parseAsync(args.length > 0 ? args : ['start'], { from: 'user' });
  } catch (error) {
    process.exit(report(error));
  }
}

function report(error: unknown): ExitCode {
  if (error instanceof CommanderError) {
    // It was said already; help and version come this way, too.
    return error.exitCode === 0 ? exitCodes.ok : exitCodes.unusable;
  }
  const words = error instanceof CommandError ? error.message : explain(error);
  if (words !== '') process.stderr.write(`${words}\n`);
  if (error instanceof CommandError) return error.exitCode;
  return error instanceof ConfigError ? exitCodes.unusable : exitCodes.failed;
}

/** `whisper-gateway … | head` closes our output early, which is no failure. */
function leaveWithReader(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
  process.exit(exitCodes.ok);
}
