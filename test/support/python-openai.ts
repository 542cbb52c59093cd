import { execFile } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { packageRoot } from '../../src/config/index.js';

const version = '3.54.0';
/** Git ignores it. */
const folder = join(packageRoot, `build/python-openai-${version}`);

/**
 * A Python that has OpenAI's official client, installed from PyPI on first use.
 * @returns Its path; null where there is no Python or PyPI cannot be reached.
 */
export async function pythonWithOpenAi(): Promise<string | null> {
  const python = join(folder, 'bin/python');
  const stamp = join(folder, 'complete');
  if (existsSync(stamp)) return python;
  const run = promisify(execFile);
  try {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    await run(process.env.PYTHON ?? 'python3', ['-m', 'venv', folder]);
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'];
    await run(python, [...pip, '--timeout', '20', '--retries', '1', `openai==${version}`]);
    writeFileSync(stamp, '');
    return python;
  } catch {
    await rm(folder, { recursive: true, force: true });
    return null;
  }
}
