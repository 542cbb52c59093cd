import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from '@nats-io/transport-node';
import { onTestFinished } from 'vitest';
import { freePort } from './free-port.js';
import { systemProgram } from './system-program.js';

/** Undefined where it is not installed: such tests are skipped. */
export const natsServer = systemProgram('nats-server');

/** A NATS server with JetStream in a process of its own. */
export interface StartedNats {
  readonly url: string;
  /** Changes when it is started again. */
  readonly pid: number;
  /** `kill -9`; resolves when the process is gone. */
  kill(): Promise<void>;
  /** Starts it again, on the same port and with what it had stored. */
  restart(): Promise<void>;
  /** SIGSTOP: connections stay open, and nothing is answered. */
  freeze(): void;
  thaw(): void;
}

export interface NatsSetup {
  /** Who ends it. @default the test that runs */
  readonly atEnd?: (end: () => Promise<void>) => void;
  /** Bytes that a message may have. @default 1 MiB */
  readonly maxPayload?: number;
}

/** Starts one on a free port of loopback. */
export async function startNats({
  atEnd = onTestFinished,
  maxPayload = 1_048_576,
}: NatsSetup = {}): Promise<StartedNats> {
  const port = await freePort();
  const url = `nats://127.0.0.1:${port}`;
  const folder = mkdtempSync(join(tmpdir(), 'whisper-gateway-nats-'));
  const settings = join(folder, 'nats.conf');
  writeFileSync(settings, `max_payload: ${maxPayload}\n`);
  const args = ['-c', settings, '-a', '127.0.0.1', '-p', String(port), '-js', '-sd', folder];
  let child = await run(args, url);
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  atEnd(async () => {
    await kill();
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    url,
    get pid() {
      return child.pid as number;
    },
    kill,
    async restart() {
      await kill();
      child = await run(args, url);
    },
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
  };
}

async function run(args: readonly string[], url: string): Promise<ChildProcess> {
  const child = spawn(natsServer as string, args, { stdio: 'ignore' });
  for (;;) {
    if (child.exitCode !== null) throw new Error(`nats-server ended with ${child.exitCode}.`);
    const connection = await connect({ servers: url, reconnect: false }).catch(() => null);
    if (connection) {
      await connection.close();
      return child;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
