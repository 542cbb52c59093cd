import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

/** Lines of a server's output that are kept, to say why it failed. */
const keptLines = 30;
const stopTimeoutMs = 10_000;

/**
 * A server in a process of its own.
 * @typedef {{ pid: number, lastWords: () => string, alive: () => boolean, close: () => Promise<void> }} ChildServer
 */

/**
 * Starts a server and waits until it serves.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {object} options
 * @param {NodeJS.ProcessEnv} [options.env] Added to our own environment.
 * @param {(output: string) => boolean | Promise<boolean>} options.isReady Asked again and again, with
 *   all output so far.
 * @param {number} [options.timeoutMs]
 * @returns {Promise<ChildServer & { output: () => string }>}
 */
export async function startServer(command, args, { env, isReady, timeoutMs = 120_000 }) {
  const child = spawn(command, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let lines = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8');
    stream.on('data', (text) => {
      lines = `${lines}${text}`.split('\n').slice(-keptLines).join('\n');
    });
  }
  let failure = null;
  child.on('error', (error) => {
    failure = error;
  });
  const alive = () => failure === null && child.exitCode === null && child.signalCode === null;
  const server = {
    pid: child.pid,
    output: () => lines,
    lastWords: () => lines.trim(),
    alive,
    async close() {
      if (!alive()) return;
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), stopTimeoutMs);
      await exited;
      clearTimeout(late);
    },
  };
  const giveUpAt = performance.now() + timeoutMs;
  while (!(await isReady(lines))) {
    if (!alive() || performance.now() > giveUpAt) {
      await server.close();
      throw new Error(
        `${command} ${args.join(' ')} did not start:\n${failure ?? server.lastWords()}`,
      );
    }
    await wait(100);
  }
  return server;
}

/** @returns {Promise<number>} A TCP port that nobody listens on at this moment. */
export async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  await once(probe, 'close');
  return port;
}
