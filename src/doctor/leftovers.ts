import { readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Younger than this, a file may belong to somebody who is at work. */
const youngestMs = 3_600_000;

const uuid = '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}';
/** A container that is being collected. It has its name for an instant only, unless that is cut off. */
const collected = new RegExp(`^whisper-gateway-${uuid}$`);
/** What becomes a model or its record once it is whole, and locks. Parts of downloads are of use. */
const unfinished = /\.bin(\.json)?\.\d+\.tmp$|\.bin\.lock$/;
/** The doctor's own, made to see whether a folder can be written to. */
const probe = new RegExp(`^\\.whisper-gateway-${uuid}$`);

/** Files of ours that processes left which were killed. Absolute paths. */
export async function leftovers(modelsDir: string): Promise<string[]> {
  const found = await Promise.all([
    oldFilesIn(tmpdir(), [collected, probe]),
    oldFilesIn(modelsDir, [unfinished, probe]),
  ]);
  return found.flat();
}

export async function removeLeftovers(modelsDir: string): Promise<void> {
  for (const path of await leftovers(modelsDir)) await rm(path, { recursive: true, force: true });
}

async function oldFilesIn(folder: string, names: readonly RegExp[]): Promise<string[]> {
  const ours = (await readdir(folder).catch(() => []))
    .filter((file) => names.some((name) => name.test(file)))
    .map((file) => join(folder, file));
  const now = Date.now();
  const isOld = await Promise.all(
    ours.map(
      async (path) => now - ((await stat(path).catch(() => null))?.mtimeMs ?? now) > youngestMs,
    ),
  );
  return ours.filter((_, index) => isOld[index]);
}
