import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from './package-root.mjs';

/** A checksum of files by name and contents; git changes their times. A missing one counts as empty. */
export function fingerprintOf(files) {
  const hash = createHash('sha256');
  for (const file of files) {
    hash
      .update(`${file.slice(packageRoot.length)}\0`)
      .update(readText(file) ?? '')
      .update('\0');
  }
  return hash.digest('hex');
}

/** Every file under a folder of the repository whose name ends so, sorted. */
export function filesUnder(folder, ending = '') {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** A file's contents; undefined where there is none. */
export function readText(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
