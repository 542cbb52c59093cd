import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';
import { packageRoot } from '../../src/config/index.js';

/** `whisper-gateway worker` in a process of its own. */
export interface WorkerHost {
  readonly pid: number;
  /** Resolves when it is gone, with its exit code or the signal that ended it. */
  readonly gone: Promise<number | NodeJS.Signals>;
  signal(name: NodeJS.Signals): void;
}

/**
 * Starts the compiled program, and resolves when it serves.
 * @param atEnd Who ends it: by default the test that runs.
 */
export async function startWorker(
  natsUrl: string,
  env: Readonly<Record<string, string>> = {},
  atEnd: (end: () => Promise<void>) => void = onTestFinished,
): Promise<WorkerHost> {
  const child = spawn(process.execPath, [join(packageRoot, 'dist/main.js'), 'worker'], {
    env: {
      PATH: process.env.PATH ?? '',
      HOME: process.env.HOME ?? '',
      NATS_URL: natsUrl,
      LOG_LEVEL: 'silent',
      SHUTDOWN_TIMEOUT_MS: '60000',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const gone = once(child, 'exit').then(([code, signal]) => signal ?? code);
  atEnd(async () => {
    child.kill('SIGKILL');
    await gone;
  });
  const [line] = await Promise.race([
    once(createInterface(child.stdout), 'line'),
    gone.then((end) => [`it ended with ${end}`]),
  ]);
  if (!/^Worker \S+ serves /.test(line)) throw new Error(`The worker did not start: ${line}.`);
  return { pid: child.pid as number, gone, signal: (name) => void child.kill(name) };
}
