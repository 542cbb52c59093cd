import { readdirSync, readFileSync } from 'node:fs';

/** Kernel clock ticks in a second; fixed at 100 on Linux, whatever the kernel runs at. */
const ticksPerSecond = 100;
const pageBytes = 4096;
/** Reading a process's exact share of memory costs it some time. */
const sampleIntervalMs = 2_000;

/**
 * What a process and all of its descendants have used.
 * @param {number} root Process id.
 * @returns {{ cpuSeconds: number, residentBytes: number, sharedBytes: number }} `residentBytes` counts
 *   a page once for each process, `sharedBytes` divides it among them.
 */
export function usageOf(root) {
  const processes = readProcesses();
  const family = new Set([root]);
  // A parent may have a higher id than its child once ids were reused.
  for (let before = 0; before < family.size; ) {
    before = family.size;
    for (const { pid, parent } of processes) if (family.has(parent)) family.add(pid);
  }
  const usage = { cpuSeconds: 0, residentBytes: 0, sharedBytes: 0 };
  for (const { pid, ticks, residentPages } of processes) {
    if (!family.has(pid)) continue;
    usage.cpuSeconds += ticks / ticksPerSecond;
    usage.residentBytes += residentPages * pageBytes;
    usage.sharedBytes += proportionalBytes(pid);
  }
  return usage;
}

/** Watches a process tree until it is closed. */
export class UsageMeter {
  #root;
  #begin;
  #timer;
  #peakResident = 0;
  #peakShared = 0;

  /** @param {number} root Process id. */
  constructor(root) {
    this.#root = root;
    this.#begin = this.#sample();
    this.#timer = setInterval(() => this.#sample(), sampleIntervalMs);
  }

  /** @returns {{ cpuSeconds: number, residentBytes: number, sharedBytes: number }} CPU since the start, and the most memory seen. */
  read() {
    const { cpuSeconds } = this.#sample();
    return {
      cpuSeconds: cpuSeconds - this.#begin.cpuSeconds,
      residentBytes: this.#peakResident,
      sharedBytes: this.#peakShared,
    };
  }

  close() {
    clearInterval(this.#timer);
  }

  #sample() {
    const usage = usageOf(this.#root);
    this.#peakResident = Math.max(this.#peakResident, usage.residentBytes);
    this.#peakShared = Math.max(this.#peakShared, usage.sharedBytes);
    return usage;
  }
}

function readProcesses() {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        return [parseStat(readFileSync(`/proc/${name}/stat`, 'utf8'))];
      } catch {
        // It ended while we looked.
        return [];
      }
    });
}

/**
 * @param {string} line As in `/proc/PID/stat`.
 * @returns {{ pid: number, parent: number, ticks: number, residentPages: number }} `ticks` includes
 *   children that have ended and were waited for.
 */
export function parseStat(line) {
  // The name may hold spaces and parentheses.
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
  // proc(5) counts from 1; what is left begins with its third field.
  const field = (number) => Number(fields[number - 3]);
  return {
    pid: Number.parseInt(line, 10),
    parent: field(4),
    ticks: field(14) + field(15) + field(16) + field(17),
    residentPages: field(24),
  };
}

function proportionalBytes(pid) {
  try {
    const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
    return Number(/^Pss:\s+(\d+)/m.exec(rollup)?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}
