import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** The hierarchies of control groups that limit memory: version 1, and version 2. */
const hierarchies = [
  { root: '/sys/fs/cgroup/memory', limit: 'memory.limit_in_bytes' },
  { root: '/sys/fs/cgroup', limit: 'memory.max' },
];

/**
 * Puts a process into a group that may take only so many bytes more, beyond which the kernel kills it.
 * The group is gone after the test. False where this user may not make one.
 */
export function putIntoMemoryGroup(pid: number, bytes: number): boolean {
  for (const { root, limit } of hierarchies) {
    const group = join(root, `whisper-gateway-test-${pid}`);
    try {
      mkdirSync(group);
      onTestFinished(() => rmdirSync(group));
      if (!existsSync(join(group, limit))) continue;
      writeFileSync(join(group, limit), String(bytes));
      writeFileSync(join(group, 'cgroup.procs'), String(pid));
      return true;
    } catch {
      // Not mounted, read-only, or not ours.
    }
  }
  return false;
}
