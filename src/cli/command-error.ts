import type { ExitCode } from './exit-codes.js';

/** A command failed in a way that has words and an exit code of its own. */
export class CommandError extends Error {
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, message: string) {
    super(message);
    this.exitCode = exitCode;
  }
}
