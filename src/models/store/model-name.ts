import { join } from 'node:path';

const prefix = 'ggml-';
const suffix = '.bin';

/** Whether a model can have this name: it becomes part of a file's. */
export function isModelName(name: string): boolean {
  return /^[a-z0-9][a-z0-9._-]{0,99}$/i.test(name);
}

/** Where the file of a model is that was downloaded or imported under a name. */
export function pathOfModel(name: string, dir: string): string {
  return join(dir, `${prefix}${name}${suffix}`);
}

/** The name by which a file of the folder is asked for: `small` for `ggml-small.bin`, else its own. */
export function nameOfFile(file: string): string {
  const isNamed = file.startsWith(prefix) && file.endsWith(suffix);
  return isNamed ? file.slice(prefix.length, -suffix.length) : file;
}
