import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const fixture = fileURLToPath(new URL('../fixtures/hold-lock.mjs', import.meta.url));

describe('withLock', () => {
  let folder: string;
  let children: ChildProcess[];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'prepare-lock-'));
    children = [];
  });
  afterEach(() => {
    for (const child of children) child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  it('lets one process in at a time', async () => {
    const first = holder();
    expect(await first.next()).toBe('held');
    const second = holder();
    expect(await second.next()).toBe('waiting');
    first.child.stdin?.end();
    expect(await first.next()).toBe('let go');
    expect(await second.next()).toBe('held');
    second.child.stdin?.end();
    await once(second.child, 'exit');
    expect(existsSync(join(folder, 'lock'))).toBe(false);
  });

  it('takes over from a process that was killed', async () => {
    const first = holder();
    expect(await first.next()).toBe('held');
    first.child.kill('SIGKILL');
    await once(first.child, 'exit');
    const second = holder();
    expect(await second.next()).toBe('held');
  });

  it('gives a dead holder’s lock to one of many only', async () => {
    const first = holder();
    expect(await first.next()).toBe('held');
    first.child.kill('SIGKILL');
    await once(first.child, 'exit');
    const many = [holder(), holder(), holder(), holder()];
    const words = await Promise.all(many.map((each) => each.next()));
    expect(words.filter((word) => word === 'held')).toHaveLength(1);
  });

  /** A process that holds the lock, or waits for it; `next` is the next line it says. */
  function holder() {
    const child = spawn(process.execPath, [fixture, join(folder, 'lock')], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    children.push(child);
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    return { child, next: async () => (await lines.next()).value as string };
  }
});
