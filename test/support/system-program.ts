import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Where administrators' programs are, which not every user's `PATH` has. */
const folders = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/sbin'];

/** The path of a program of the system; undefined where it is not installed: such tests are skipped. */
export function systemProgram(name: string): string | undefined {
  return folders.map((folder) => join(folder, name)).find(existsSync);
}
