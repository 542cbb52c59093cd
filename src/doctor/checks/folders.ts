import { randomUUID } from 'node:crypto';
import { rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Check, error, ok, warning } from '../check.js';
import { leftovers, removeLeftovers } from '../leftovers.js';

export const modelsFolder: Check = {
  id: 'models_folder',
  group: 'Models',
  title: 'Folder',
  async run({ modelsDir }) {
    const problem = await whyNotWritable(modelsDir);
    if (!problem) return ok(modelsDir);
    return warning(
      `${modelsDir} cannot be written to (${problem}): no models can be pulled`,
      'Give this user the right to, or choose another folder with MODELS_DIR.',
    );
  },
};

export const temporaryFolder: Check = {
  id: 'temporary_folder',
  group: 'System',
  title: 'Temporary files',
  async run({ modelsDir }) {
    const problem = await whyNotWritable(tmpdir());
    if (problem) {
      return error(
        `${tmpdir()} cannot be written to (${problem}): recordings cannot be collected`,
        'Give this user the right to, or choose another folder with TMPDIR.',
      );
    }
    const left = await leftovers(modelsDir);
    if (left.length === 0) return ok(tmpdir());
    return warning(`Files that a killed process left: ${left.join(', ')}`, 'Remove them.', {
      does: `Removes ${left.length === 1 ? 'the file' : `${left.length} files`} left behind`,
      run: () => removeLeftovers(modelsDir),
    });
  },
};

/** The system's code, such as EACCES; null where a file could be made. A missing folder will be made. */
async function whyNotWritable(folder: string): Promise<string | null> {
  const exists = await stat(folder).catch(() => null);
  if (!exists) return dirname(folder) === folder ? 'ENOENT' : whyNotWritable(dirname(folder));
  // Rights alone do not tell of disks that are mounted read-only.
  const probe = join(folder, `.whisper-gateway-${randomUUID()}`);
  try {
    await writeFile(probe, '', { flag: 'wx' });
    await rm(probe);
    return null;
  } catch (failure) {
    return (failure as NodeJS.ErrnoException).code ?? String(failure);
  }
}
