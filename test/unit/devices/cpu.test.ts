import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readCpu, usableCores } from '../../../src/devices/index.js';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'devices-'));
});
afterEach(() => rmSync(root, { recursive: true }));

/** Files of a made-up `/proc` and `/sys`. */
function write(files: Record<string, string>): void {
  for (const [name, content] of Object.entries(files)) {
    const path = join(root, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }
}

/** A machine of so many cores with two threads each, numbered as Linux does: 0 … n-1, then their twins. */
function machine(cores: number, allowed: string): void {
  write({
    'proc/self/status': `Name:\tnode\nCpus_allowed:\tff\nCpus_allowed_list:\t${allowed}\n`,
    'proc/meminfo': 'MemTotal:       16777216 kB\nMemFree:  1024 kB\nMemAvailable:    8388608 kB\n',
    'sys/devices/system/cpu/online': `0-${2 * cores - 1}\n`,
  });
  for (let thread = 0; thread < 2 * cores; thread++) {
    const twins = `${thread % cores},${(thread % cores) + cores}\n`;
    write({ [`sys/devices/system/cpu/cpu${thread}/topology/thread_siblings_list`]: twins });
  }
}

/** Version 2, mounted as a whole. */
function unified(group: string, files: Record<string, string>): void {
  write({
    'proc/self/cgroup': `0::${group}\n`,
    'proc/self/mountinfo':
      '24 1 0:22 / /proc rw,nosuid - proc proc rw\n30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n',
    ...Object.fromEntries(
      Object.entries(files).map(([name, content]) => [`sys/fs/cgroup${name}`, content]),
    ),
  });
}

describe('cores', () => {
  test('two threads of one core are one core', () => {
    machine(4, '0-7');
    expect(readCpu(root)).toMatchObject({ threads: 8, cores: 4, quota: null });
  });

  test('only those that the process may run on count', () => {
    machine(4, '0-1,4');
    expect(readCpu(root)).toMatchObject({ threads: 3, cores: 2 });
  });

  test('what is not plugged in does not count', () => {
    machine(4, '0-255');
    expect(readCpu(root)).toMatchObject({ threads: 8, cores: 4 });
  });

  test('threads whose core nobody tells are cores of their own', () => {
    write({ 'proc/self/status': 'Cpus_allowed_list:\t0,2-3\n' });
    expect(readCpu(root)).toMatchObject({ threads: 3, cores: 3 });
  });

  test('without anything to read, Node is asked', () => {
    expect(readCpu(root)).toMatchObject({
      threads: availableParallelism(),
      cores: availableParallelism(),
      quota: null,
      totalMemory: totalmem(),
    });
  });
});

describe('the limits of control groups', () => {
  test('version 2: the tightest of all groups around counts', () => {
    machine(8, '0-15');
    unified('/system.slice/gateway.service', {
      '/system.slice/gateway.service/cpu.max': 'max 100000\n',
      '/system.slice/gateway.service/memory.max': `${2 ** 32}\n`,
      '/system.slice/gateway.service/memory.current': `${2 ** 31}\n`,
      '/system.slice/gateway.service/memory.stat': `anon 1\ninactive_file ${2 ** 30}\n`,
      '/system.slice/cpu.max': '350000 100000\n',
      '/system.slice/memory.max': 'max\n',
    });
    expect(readCpu(root)).toMatchObject({
      cores: 8,
      quota: 3.5,
      totalMemory: 2 ** 32,
      freeMemory: 2 ** 31 + 2 ** 30,
    });
  });

  test('version 2 in a container, which sees its own group as the top', () => {
    machine(8, '0-15');
    unified('/', { '/cpu.max': '150000 100000\n', '/memory.max': '536870912\n' });
    expect(readCpu(root)).toMatchObject({ quota: 1.5, totalMemory: 536_870_912 });
  });

  test('version 1 in a container, whose mount begins at a group named from outside', () => {
    machine(8, '0-15');
    const mount = (controllers: string) =>
      `31 30 0:27 /docker/abc /sys/fs/cgroup/${controllers} ro - cgroup cgroup rw,${controllers}\n`;
    write({
      'proc/self/cgroup':
        '5:memory:/docker/abc\n4:cpu,cpuacct:/docker/abc\n1:name=systemd:/docker/abc\n',
      'proc/self/mountinfo': mount('cpu,cpuacct') + mount('memory'),
      'sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us': '250000\n',
      'sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us': '100000\n',
      'sys/fs/cgroup/memory/memory.limit_in_bytes': '1073741824\n',
      'sys/fs/cgroup/memory/memory.usage_in_bytes': '900000000\n',
      'sys/fs/cgroup/memory/memory.stat': 'inactive_file 5\ntotal_inactive_file 100000000\n',
    });
    expect(readCpu(root)).toMatchObject({
      quota: 2.5,
      totalMemory: 1_073_741_824,
      freeMemory: 1_073_741_824 - 800_000_000,
    });
  });

  test('version 1 without limits', () => {
    machine(2, '0-3');
    write({
      'proc/self/cgroup': '5:memory:/\n4:cpu:/\n0::/\n',
      'proc/self/mountinfo':
        '32 31 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n',
      'sys/fs/cgroup/cpu/cpu.cfs_quota_us': '-1\n',
      'sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000\n',
      'sys/fs/cgroup/memory/memory.limit_in_bytes': '9223372036854771712\n',
    });
    expect(readCpu(root)).toMatchObject({
      quota: null,
      totalMemory: 2 ** 34,
      freeMemory: 2 ** 33,
    });
  });

  test('a group that has more than the machine changes nothing', () => {
    machine(2, '0-3');
    unified('/', { '/memory.max': `${2 ** 40}\n`, '/memory.current': '0\n' });
    expect(readCpu(root)).toMatchObject({ totalMemory: 2 ** 34, freeMemory: 2 ** 33 });
  });
});

test.each([
  [{ cores: 8, quota: null }, 8],
  [{ cores: 8, quota: 3.5 }, 3],
  [{ cores: 2, quota: 16 }, 2],
  [{ cores: 4, quota: 0.5 }, 1],
])('of %o inference may use %i', (cpu, expected) => {
  expect(usableCores(cpu)).toBe(expected);
});

test('this machine is understood', () => {
  const cpu = readCpu();
  expect(cpu.model).toMatch(/\S/);
  expect(cpu.threads).toBe(availableParallelism());
  expect(cpu.cores).toBeGreaterThanOrEqual(1);
  expect(cpu.cores).toBeLessThanOrEqual(cpu.threads);
  expect(cpu.totalMemory).toBeLessThanOrEqual(totalmem());
  expect(cpu.freeMemory).toBeGreaterThan(0);
  expect(cpu.freeMemory).toBeLessThan(cpu.totalMemory);
  expect(usableCores()).toBeLessThanOrEqual(cpu.cores);
});
