import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { childrenRunning } from '../support/processes.js';

/** What a gateway's process holds at a moment. */
export interface Holdings {
  /** Command lines of its children, sorted, without what differs from start to start. */
  readonly children: readonly string[];
  /** Open descriptors by kind, such as `socket` or a file's path. */
  readonly descriptors: Readonly<Record<string, number>>;
  readonly files: readonly string[];
  /** Resident bytes of it and its children. */
  readonly residentBytes: number;
}

/** @param folders Where it may keep files, if they exist: all of them, with those below, are listed. */
export function holdingsOf(pid: number, folders: readonly string[]): Holdings {
  const children = childrenRunning('', pid);
  const resident = [pid, ...children].reduce((sum, each) => sum + residentOf(each), 0);
  return {
    children: children.map(programOf).filter(Boolean).sort(),
    descriptors: descriptorsOf(pid),
    files: folders
      .filter((folder) => existsSync(folder))
      .flatMap((folder) => readdirSync(folder, { recursive: true }).map(String))
      .sort(),
    residentBytes: resident,
  };
}

/** The least-squares slope of bytes over time. @returns Bytes an hour. */
export function slopeOf(
  points: readonly { readonly atMs: number; readonly bytes: number }[],
): number {
  const count = points.length;
  const meanAt = points.reduce((sum, { atMs }) => sum + atMs, 0) / count;
  const meanBytes = points.reduce((sum, { bytes }) => sum + bytes, 0) / count;
  let above = 0;
  let below = 0;
  for (const { atMs, bytes } of points) {
    above += (atMs - meanAt) * (bytes - meanBytes);
    below += (atMs - meanAt) ** 2;
  }
  return below === 0 ? 0 : (above / below) * 3_600_000;
}

function residentOf(pid: number): number {
  const status = read(`/proc/${pid}/status`);
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1_024;
}

function programOf(pid: number): string {
  const [program = '', script = ''] = read(`/proc/${pid}/cmdline`).split('\0');
  return [program, script].map((part) => part.replace(/^.*\//, '')).join(' ');
}

function descriptorsOf(pid: number): Record<string, number> {
  const kinds: Record<string, number> = {};
  for (const name of readdirSync(`/proc/${pid}/fd`)) {
    const kind = targetOf(`/proc/${pid}/fd/${name}`).replace(/:.*/, '');
    if (kind) kinds[kind] = (kinds[kind] ?? 0) + 1;
  }
  return kinds;
}

function targetOf(link: string): string {
  try {
    return readlinkSync(link);
  } catch {
    // Closed meanwhile.
    return '';
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
