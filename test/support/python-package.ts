import { execFile } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { packageRoot } from '../../src/config/index.js';

/**
 * A Python environment with one package of PyPI in it, installed on first use into a folder that Git ignores.
 * @returns Its folder of programs; null where there is no Python or PyPI cannot be reached.
 */
export async function pythonPackage(name: string, version: string): Promise<string | null> {
  const folder = join(packageRoot, `build/python-${name}-${version}`);
  const programs = join(folder, 'bin');
  const stamp = join(folder, 'complete');
  if (existsSync(stamp)) return programs;
  const run = promisify(execFile);
  try {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    await run(process.env.PYTHON ?? 'python3', ['-m', 'venv', folder]);
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'];
    const from = ['--timeout', '20', '--retries', '1', `${name}==${version}`];
    await run(join(programs, 'python'), [...pip, ...from]);
    writeFileSync(stamp, '');
    return programs;
  } catch {
    await rm(folder, { recursive: true, force: true });
    return null;
  }
}
