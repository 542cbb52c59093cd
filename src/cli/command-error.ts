import type { ExitCode } from './exit-codes.js';

/** A command failed in a way that has words and an exit code of its own. */
export class CommandError extends Error {
  readonly exitCode: ExitCode;

  /** @param message Empty where everything was said already. */
  constructor(exitCode: ExitCode, message = '') {
    super(message);
    this.exitCode = exitCode;
  }
}
