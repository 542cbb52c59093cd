import { execFileSync } from 'node:child_process';
import { chmodSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from './temporary-folder.js';

/** What the doctor looks for, but for what belongs to GPUs. */
const usual = ['c++', 'cmake', 'make', 'ffmpeg', 'git'];

/**
 * A `PATH` with one folder, which has the usual programs and nothing else.
 * @param left Out of it.
 * @param own Programs of one's own, as shell scripts by name.
 */
export function programsInPath(
  left: readonly string[] = [],
  own: Readonly<Record<string, string>> = {},
): string {
  const folder = temporaryFolder();
  for (const program of usual.filter((name) => !left.includes(name) && !(name in own))) {
    const path = execFileSync('/bin/sh', ['-c', 'command -v "$1"', 'sh', program]);
    symlinkSync(path.toString().trim(), join(folder, program));
  }
  for (const [name, script] of Object.entries(own)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, name), 0o755);
  }
  return folder;
}
