import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

const program = fileURLToPath(new URL('../fixtures/jobs-gateway.mjs', import.meta.url));

/** A gateway in a process of its own. */
export interface KillableGateway {
  readonly url: string;
  readonly pid: number;
  /** Resolves when the process is gone, however that came. */
  readonly gone: Promise<unknown>;
  /** `kill -9`; resolves when the process is gone. */
  kill(): Promise<void>;
}

/** Starts one; killed when the test is over. @param settings Such as `MAX_WINDOW_MS=8000`. */
export async function startKillable(
  dataDir: string,
  kind: 'scripted' | 'native',
  ...settings: string[]
): Promise<KillableGateway> {
  const child = spawn(process.execPath, [program, dataDir, kind, ...settings], {
    env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const gone = once(child, 'exit');
  const kill = async () => {
    child.kill('SIGKILL');
    await gone;
  };
  onTestFinished(kill);
  const lines = createInterface(child.stdout);
  const [url] = (await Promise.race([
    once(lines, 'line'),
    gone.then(([code]) => Promise.reject(new Error(`The gateway ended with ${code}.`))),
  ])) as [string];
  return { url, pid: child.pid as number, gone, kill };
}
