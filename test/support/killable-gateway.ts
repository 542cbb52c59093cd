import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { temporaryFolder } from './temporary-folder.js';

const program = fileURLToPath(new URL('../fixtures/jobs-gateway.mjs', import.meta.url));

/** A gateway in a process of its own. */
export interface KillableGateway {
  readonly url: string;
  readonly pid: number;
  /** Resolves when the process is gone, however that came. */
  readonly gone: Promise<unknown>;
  /** `kill -9`; resolves when the process is gone. */
  kill(): Promise<void>;
  /** SIGTERM. @returns Its exit code; null where a signal ended it. */
  terminate(): Promise<number | null>;
}

/** Starts one; killed when the test is over. @param settings Such as `MAX_WINDOW_MS=8000`. */
export function startKillable(
  dataDir: string,
  kind: 'scripted' | 'native',
  ...settings: string[]
): Promise<KillableGateway> {
  return start([process.execPath, program, dataDir, kind, ...settings]);
}

/**
 * Starts one that leaves the cores to browsers: they lose sound where they have to wait, which a gateway
 * never does.
 */
export function startBesideBrowsers(): Promise<KillableGateway> {
  const command = ['nice', '-n', '15', process.execPath, program, temporaryFolder(), 'native'];
  return start(command, { ownSession: true });
}

async function start(
  [command = '', ...args]: readonly string[],
  { ownSession = false } = {},
): Promise<KillableGateway> {
  const child = spawn(command, args, {
    env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '' },
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: ownSession,
  });
  if (ownSession) yieldAsGroup(child.pid as number);
  const gone = once(child, 'exit');
  const kill = async () => {
    child.kill('SIGKILL');
    await gone;
  };
  const terminate = async () => {
    child.kill('SIGTERM');
    const [code] = await gone;
    return code as number | null;
  };
  onTestFinished(kill);
  const lines = createInterface(child.stdout);
  const [url] = (await Promise.race([
    once(lines, 'line'),
    gone.then(([code]) => Promise.reject(new Error(`The gateway ended with ${code}.`))),
  ])) as [string];
  return { url, pid: child.pid as number, gone, kill, terminate };
}

/** Where Linux shares cores between sessions first, `nice` counts within one only. */
function yieldAsGroup(pid: number): void {
  try {
    writeFileSync(`/proc/${pid}/autogroup`, '15');
  } catch {
    // It does not do that here.
  }
}
