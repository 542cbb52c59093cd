import { readFile } from 'node:fs/promises';
import { arch, cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../../config/index.js';
import {
  describeBytes,
  embeddedModel,
  findInCatalog,
  freeBytes,
  memoryOf,
} from '../../models/index.js';
import { type Check, error, ok, warning } from '../check.js';

export const node: Check = {
  id: 'node',
  group: 'System',
  title: 'Node',
  async run() {
    const manifest = JSON.parse(await readFile(join(packageRoot, 'package.json'), 'utf8')) as {
      engines: { node: string };
    };
    const needed = manifest.engines.node.replace('>=', '');
    const have = process.versions.node;
    if (isAtLeast(have, needed)) return ok(have);
    return error(
      `${have}, and ${needed} is needed`,
      'Install a newer one from https://nodejs.org.',
    );
  },
};

export const processor: Check = {
  id: 'processor',
  group: 'System',
  title: 'Processor',
  async run() {
    const all = cpus();
    const name = all[0]?.model.trim() || arch();
    const detail = `${all.length} ${all.length === 1 ? 'core' : 'cores'}, ${name}`;
    const info = await readFile('/proc/cpuinfo', 'utf8').catch(() => '');
    if (arch() !== 'x64' || info === '' || /^flags\s*:.*\bavx2\b/m.test(info)) return ok(detail);
    return warning(
      `${detail}, without AVX2`,
      'Recognition is several times slower without it: use a newer machine, a GPU or a small model.',
    );
  },
};

export const memory: Check = {
  id: 'memory',
  group: 'System',
  title: 'Memory',
  async run({ config }) {
    const free = process.availableMemory();
    // Somebody's own model is taken for one of the embedded model's size.
    const needed =
      findInCatalog(config.model)?.memoryBytes ?? memoryOf(embeddedModel.name, embeddedModel.bytes);
    const detail = `${describeBytes(free)} of ${describeBytes(totalmem())} free`;
    if (free >= needed) return ok(detail);
    return warning(
      `${detail}, and ${config.model} needs about ${describeBytes(needed)}`,
      'Choose a smaller model with MODEL, or end other programs.',
    );
  },
};

/** A log and a few minutes of audio fit; less, and things begin to fail. */
const neededDiskBytes = 256 * 2 ** 20;
const comfortableDiskBytes = 2 * 2 ** 30;

export const disk: Check = {
  id: 'disk',
  group: 'System',
  title: 'Disk',
  async run({ modelsDir }) {
    const free = await freeBytes(modelsDir).catch(() => freeBytes(packageRoot));
    const detail = `${describeBytes(free)} free`;
    const remedy = 'Free some space: models and recordings need it.';
    if (free < neededDiskBytes) return error(detail, remedy);
    return free < comfortableDiskBytes ? warning(detail, remedy) : ok(detail);
  },
};

const earliestYear = 2025;
const latestYear = 2100;
/** Time over which the two clocks are compared, and by how much they may differ in it. */
const comparedMs = 200;
const toleratedMs = 50;

export const clock: Check = {
  id: 'clock',
  group: 'System',
  title: 'Clock',
  async run() {
    const year = new Date().getFullYear();
    const remedy = 'Set the clock, and let it be kept with "timedatectl set-ntp true".';
    if (year < earliestYear || year > latestYear) {
      return warning(
        `It says that this is the year ${year}; certificates will not be accepted`,
        remedy,
      );
    }
    const drift = Math.abs(await driftOver(comparedMs));
    if (drift > toleratedMs) {
      return warning(
        `It was set by ${Math.round(drift)} ms just now: times in logs may jump`,
        remedy,
      );
    }
    return ok(new Date().toISOString());
  },
};

/** How much further the wall clock went than the one that nobody sets. */
async function driftOver(ms: number): Promise<number> {
  const wall = Date.now();
  const steady = performance.now();
  await new Promise((resolve) => setTimeout(resolve, ms));
  return Date.now() - wall - (performance.now() - steady);
}

function isAtLeast(version: string, needed: string): boolean {
  const [a = [], b = []] = [version, needed].map((text) => text.split('.').map(Number));
  const at = b.findIndex((part, index) => part !== (a[index] ?? 0));
  return at < 0 || (a[at] ?? 0) > (b[at] ?? 0);
}
