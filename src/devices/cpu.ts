import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, freemem, totalmem } from 'node:os';
import { join } from 'node:path';
import { readCgroupLimits } from './cgroup.js';

/** The processor and memory that this process may use. */
export interface Cpu {
  readonly model: string;
  /** Hardware threads that it may run on. */
  readonly threads: number;
  /** Physical cores behind these threads. */
  readonly cores: number;
  /** Processors' worth of time that its container allows, such as 1.5; null for no limit. */
  readonly quota: number | null;
  /** Bytes: those of the machine, or of the container where that has less. */
  readonly totalMemory: number;
  readonly freeMemory: number;
}

/**
 * Reads what this process may use: its affinity, its control groups and the machine.
 * @param root Folder that holds `proc` and `sys`; another one than `/` for tests.
 */
export function readCpu(root = '/'): Cpu {
  const limits = readCgroupLimits(root);
  const allowed = allowedThreads(root);
  const machine = readMemory(root);
  return {
    model: cpus()[0]?.model.trim() || 'unknown',
    threads: allowed.length || availableParallelism(),
    cores: allowed.length > 0 ? countCores(root, allowed) : availableParallelism(),
    quota: limits.cpus,
    totalMemory: Math.min(machine.total, limits.memory ?? machine.total),
    freeMemory: Math.min(machine.free, limits.memoryLeft ?? machine.free),
  };
}

/**
 * How many cores inference may keep busy, at least one: physical ones, since two threads of one core
 * share the units that matrices are multiplied with, and no more than the container's time allows,
 * since a process over its quota is stopped as a whole, its sockets included.
 */
export function usableCores({ cores, quota }: Pick<Cpu, 'cores' | 'quota'> = readCpu()): number {
  return Math.max(1, Math.min(cores, Math.floor(quota ?? cores)));
}

/** Numbers of the hardware threads that this process may run on; empty where nothing tells. */
function allowedThreads(root: string): number[] {
  const list = /^Cpus_allowed_list:\s*(\S+)$/m.exec(text(root, 'proc/self/status'))?.[1];
  const online = text(root, 'sys/devices/system/cpu/online').trim();
  const allowed = list ? range(list) : [];
  // The kernel lists what may be plugged in some day as well.
  return online ? range(online).filter((thread) => allowed.includes(thread)) : allowed;
}

function countCores(root: string, threads: readonly number[]): number {
  const cores = threads.map((thread) => {
    const topology = `sys/devices/system/cpu/cpu${thread}/topology`;
    // The same for every thread of a core, and for no other core.
    return text(root, `${topology}/thread_siblings_list`).trim() || `${thread}`;
  });
  return new Set(cores).size;
}

function readMemory(root: string): { total: number; free: number } {
  const content = text(root, 'proc/meminfo');
  const bytes = (name: string) =>
    1024 * Number(new RegExp(`^${name}:\\s*(\\d+) kB$`, 'm').exec(content)?.[1] ?? Number.NaN);
  return { total: bytes('MemTotal') || totalmem(), free: bytes('MemAvailable') || freemem() };
}

/** `0-2,5` as numbers. */
function range(list: string): number[] {
  return list.split(',').flatMap((part) => {
    const [first = 0, last = first] = part.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
}

function text(root: string, name: string): string {
  try {
    return readFileSync(join(root, name), 'utf8');
  } catch {
    return '';
  }
}
