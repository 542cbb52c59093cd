import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { packageRoot } from './package-root.mjs';

const outputs = {
  terminal: 'inherit',
  // Standard output belongs to the gateway's log: what prepares it is progress.
  progress: ['inherit', process.stderr, 'inherit'],
  captured: ['ignore', 'pipe', 'pipe'],
};

/**
 * Runs a program in the repository's root and resolves with its exit code.
 * A signal that would end this process ends the program first, so that nothing goes on building
 * after we let go of the lock.
 * @param {string} command
 * @param {string[]} args
 * @param {object} [options]
 * @param {NodeJS.ProcessEnv} [options.env]
 * @param {keyof typeof outputs} [options.output] Where what it prints goes.
 * @returns {Promise<{ code: number, output: string }>} Code 127 where there is no such program;
 *   `output` is what was captured.
 */
export async function runTool(command, args, { env = process.env, output = 'terminal' } = {}) {
  const child = spawn(command, args, { cwd: packageRoot, env, stdio: outputs[output] });
  const pieces = [];
  child.stdout?.on('data', (chunk) => pieces.push(chunk));
  child.stderr?.on('data', (chunk) => pieces.push(chunk));

  let endedBy = null;
  const forward = (signal) => {
    endedBy = signal;
    child.kill(signal);
  };
  process.on('SIGINT', forward).on('SIGTERM', forward);
  const code = await new Promise((resolve) => {
    child.once('error', () => resolve(127));
    child.once('close', (exitCode, signal) => resolve(exitCode ?? exitCodeOf(signal)));
  });
  process.off('SIGINT', forward).off('SIGTERM', forward);
  if (endedBy) process.exit(exitCodeOf(endedBy));
  return { code, output: Buffer.concat(pieces).toString() };
}

function exitCodeOf(signal) {
  return 128 + constants.signals[signal];
}
