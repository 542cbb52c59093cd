import { join } from 'node:path';
import { voicesDirOf } from '../voices/voices-folder.js';

const prefix = 'ggml-';
const suffix = '.bin';

/** Whether a model can have this name: it becomes part of a file's. */
export function isModelName(name: string): boolean {
  return /^[a-z0-9][a-z0-9._-]{0,99}$/i.test(name);
}

/** Where the folder of a voice is. */
export function pathOfVoice(name: string, dir: string): string {
  return join(voicesDirOf(dir), name);
}

/** Where the file of a recognition model is that was downloaded or imported under a name. */
export function pathOfModel(name: string, dir: string): string {
  return join(dir, `${prefix}${name}${suffix}`);
}

/** Where the model of a name may be: one name is one model, whatever it is for. */
export function pathsOf(name: string, dir: string): string[] {
  return [pathOfModel(name, dir), pathOfVoice(name, dir)];
}

/** The name by which a file of the folder is asked for: `small` for `ggml-small.bin`, else its own. */
export function nameOfFile(file: string): string {
  const isNamed = file.startsWith(prefix) && file.endsWith(suffix);
  return isNamed ? file.slice(prefix.length, -suffix.length) : file;
}
