import { readdirSync, readFileSync } from 'node:fs';

/** Whether a process runs; a zombie that nobody reaped counts as running. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Pids of the children of a process, of this one by default, whose command line contains `part`. */
export function childrenRunning(part: string, parent = process.pid): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => parentOf(pid) === parent && commandOf(pid).includes(part))
    .map(Number);
}

function parentOf(pid: string): number | null {
  try {
    // The command in brackets may hold anything, so the fields are counted behind its end.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return null;
  }
}

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}
