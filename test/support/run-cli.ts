import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { packageRoot } from '../../src/config/index.js';

export interface CliResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Settings that a test leaves alone come from nobody's environment. */
const bare = { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '' };

/**
 * Runs the compiled command line to its end.
 * @param env On top of PATH and HOME.
 * @param root Another installation than this one.
 */
export function runCli(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  root = packageRoot,
): Promise<CliResult> {
  return new Promise((resolve) => {
    const options = { env: { ...bare, ...env }, maxBuffer: 16 << 20 };
    execFile(
      process.execPath,
      [join(root, 'dist/main.js'), ...args],
      options,
      (failure, stdout, stderr) => {
        const code = typeof failure?.code === 'number' ? failure.code : failure ? -1 : 0;
        resolve({ code, stdout, stderr });
      },
    );
  });
}
