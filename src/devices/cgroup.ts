import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** What a container or a service manager allows this process; null where it sets no limit. */
export interface CgroupLimits {
  /** Processors' worth of time, such as 1.5. */
  readonly cpus: number | null;
  /** Bytes. */
  readonly memory: number | null;
  /** Bytes below the memory limit that are free, or are files that can be dropped. */
  readonly memoryLeft: number | null;
}

/** Both versions of Linux' control groups in the same words. */
interface Hierarchy {
  /** Where this process's group is mounted, and the top of that mount. */
  readonly folder: string;
  readonly top: string;
  readonly version: 1 | 2;
}

/** Version 1 says "no limit" with a number near 2⁶³. */
const noLimit = 2 ** 60;

/**
 * The limits of this process's control group and of every group around it: the tightest counts.
 * @param root Folder that holds `proc` and `sys`; another one than `/` for tests.
 */
export function readCgroupLimits(root = '/'): CgroupLimits {
  const cpus: number[] = [];
  const memory: { limit: number; left: number }[] = [];
  for (const controller of ['cpu', 'memory'] as const) {
    for (const { folder, top, version } of hierarchies(root, controller)) {
      for (const group of upwards(folder, top)) {
        if (controller === 'cpu') cpus.push(...cpuLimit(group, version));
        else memory.push(...memoryLimit(group, version));
      }
    }
  }
  return {
    cpus: least(cpus),
    memory: least(memory.map(({ limit }) => limit)),
    memoryLeft: least(memory.map(({ left }) => left)),
  };
}

function cpuLimit(group: string, version: 1 | 2): number[] {
  const [quota, period] =
    version === 2
      ? numbers(text(group, 'cpu.max'))
      : [...numbers(text(group, 'cpu.cfs_quota_us')), ...numbers(text(group, 'cpu.cfs_period_us'))];
  return quota !== undefined && period !== undefined && quota > 0 && period > 0
    ? [quota / period]
    : [];
}

function memoryLimit(group: string, version: 1 | 2): { limit: number; left: number }[] {
  const [limit] = numbers(text(group, version === 2 ? 'memory.max' : 'memory.limit_in_bytes'));
  if (limit === undefined || limit >= noLimit) return [];
  const [used = 0] = numbers(
    text(group, version === 2 ? 'memory.current' : 'memory.usage_in_bytes'),
  );
  // Version 1 counts the groups below under this name only.
  const pattern = version === 2 ? /^inactive_file (\d+)$/m : /^total_inactive_file (\d+)$/m;
  const droppable = Number(pattern.exec(text(group, 'memory.stat'))?.[1] ?? 0);
  return [{ limit, left: Math.max(0, limit - used + droppable) }];
}

/** Where a controller's files lie for this process, in whichever version it is mounted. */
function hierarchies(root: string, controller: 'cpu' | 'memory'): Hierarchy[] {
  const groups = text(root, 'proc/self/cgroup').split('\n');
  return text(root, 'proc/self/mountinfo')
    .split('\n')
    .flatMap((line): Hierarchy[] => {
      const [before = '', after = ''] = line.split(' - ');
      const [, , , mounted = '', mountPoint = ''] = before.split(' ');
      const [type, , options = ''] = after.split(' ');
      const version = type === 'cgroup2' ? 2 : type === 'cgroup' ? 1 : null;
      if (!version || (version === 1 && !options.split(',').includes(controller))) return [];
      const own = groups
        .map((group) => /^\d+:([^:]*):(.*)$/.exec(group))
        .find((match) =>
          version === 2 ? match?.[1] === '' : match?.[1]?.split(',').includes(controller),
        )?.[2];
      if (own === undefined) return [];
      const top = join(root, mountPoint);
      // In a container the mount often begins at its own group, or names it by a path from outside.
      const inside = own.startsWith(mounted) ? own.slice(mounted.length) : '';
      return [{ folder: join(top, inside), top, version }];
    });
}

function upwards(folder: string, top: string): string[] {
  const groups = [folder];
  for (let at = folder; at.length > top.length; ) {
    at = dirname(at);
    groups.push(at);
  }
  return groups;
}

/** The numbers of a file; `max` is none. */
function numbers(content: string): number[] {
  return content
    .trim()
    .split(/\s+/)
    .filter((word) => /^-?\d+$/.test(word))
    .map(Number);
}

function text(folder: string, name: string): string {
  try {
    return readFileSync(join(folder, name), 'utf8');
  } catch {
    return '';
  }
}

function least(values: readonly number[]): number | null {
  return values.length > 0 ? Math.min(...values) : null;
}
