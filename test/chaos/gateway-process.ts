import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';
import { packageRoot } from '../../src/config/index.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { type Holdings, holdingsOf } from './holdings.js';

/** The program itself, as an operator starts it, with folders of its own. */
export interface GatewayProcess {
  readonly url: string;
  readonly pid: number;
  /** What it holds now; its files are temporary ones, and uploads. */
  holdings(): Holdings;
  /** Set once it is gone, which it never should be. */
  readonly ended: () => string | null;
  /** Resolves when it is gone, with its exit code or the signal that ended it. */
  readonly gone: Promise<number | NodeJS.Signals>;
  signal(name: NodeJS.Signals): void;
  /** SIGTERM. @returns Its exit code, or the signal that ended it. */
  stop(): Promise<number | NodeJS.Signals>;
}

const stopTimeoutMs = 30_000;

/** Starts `whisper-gateway start`; killed when the test is over. @param imports Modules it loads first. */
export async function startGatewayProcess(
  env: Readonly<Record<string, string>> = {},
  imports: readonly string[] = [],
): Promise<GatewayProcess> {
  const folder = temporaryFolder();
  const temporary = join(folder, 'temporary');
  mkdirSync(temporary);
  const dataDir = env.DATA_DIR ?? join(folder, 'data');
  const loaded = imports.flatMap((path) => ['--import', path]);
  const child = spawn(process.execPath, [...loaded, join(packageRoot, 'dist/main.js'), 'start'], {
    env: {
      PATH: process.env.PATH ?? '',
      HOME: process.env.HOME ?? '',
      TMPDIR: temporary,
      DATA_DIR: dataDir,
      PORT: '0',
      LOG_LEVEL: 'silent',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let ended: string | null = null;
  const gone = once(child, 'exit').then(([code, signal]) => {
    ended = `it ended with ${signal ?? code}`;
    return (signal ?? code) as number | NodeJS.Signals;
  });
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await gone;
  });
  const url = await Promise.race([
    addressIn(createInterface(child.stdout)),
    gone.then(() => Promise.reject(new Error(`The gateway did not start: ${ended}.`))),
  ]);
  const pid = child.pid as number;
  return {
    url,
    pid,
    holdings: () => holdingsOf(pid, [temporary, join(dataDir, 'uploads')]),
    ended: () => ended,
    gone,
    signal: (name) => void child.kill(name),
    async stop() {
      child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), stopTimeoutMs);
      const code = await gone;
      clearTimeout(late);
      return code;
    },
  };
}

async function addressIn(lines: AsyncIterable<string>): Promise<string> {
  for await (const line of lines) {
    const address = /listens at (\S+)/.exec(line)?.[1];
    if (address) return address;
  }
  return new Promise(() => {});
}
