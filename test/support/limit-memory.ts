import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Lets a process allocate so much more than it has now, for real; null lifts the limit. */
export function limitMemory(pid: number, roomBytes: number | null): void {
  const limit = roomBytes === null ? 'unlimited' : String(sizeOf(pid) + roomBytes);
  // The soft limit only: the hard one could not be raised again.
  execFileSync('prlimit', ['--pid', String(pid), `--as=${limit}:`]);
}

/** How much more a process may allocate; Infinity without a limit. */
export function roomOf(pid: number): number {
  const limits = readFileSync(`/proc/${pid}/limits`, 'utf8');
  const limit = /Max address space +(\d+)/.exec(limits)?.[1] ?? Number.POSITIVE_INFINITY;
  return Number(limit) - sizeOf(pid);
}

function sizeOf(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return 1024 * Number(/VmSize:\s+(\d+) kB/.exec(status)?.[1]);
}
