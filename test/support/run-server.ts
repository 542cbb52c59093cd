import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';

/**
 * Runs a server of the system until the test is over.
 * @param isUp Whether it serves; asked again and again.
 * @throws Error with its last words where it ends before that.
 */
export async function runServer(
  program: string,
  args: readonly string[],
  isUp: () => Promise<boolean>,
): Promise<void> {
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const words = text(child.stderr);
  let ended = false;
  const end = once(child, 'exit').then(() => {
    ended = true;
  });
  onTestFinished(async () => {
    child.kill('SIGTERM');
    await end;
  });
  while (!(await isUp().catch(() => false))) {
    if (ended) throw new Error(`${program} ended: ${(await words).slice(-2_000)}`);
    await Promise.race([end, new Promise((resolve) => setTimeout(resolve, 50))]);
  }
}
