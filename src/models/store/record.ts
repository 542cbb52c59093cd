import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { z } from 'zod';

/** Behind the name of the file that a record is about. Piper's voices have a `FILE.json` of their own. */
const suffix = '.record.json';

/**
 * What is known of a model file since it came or was last checked; kept beside it as `FILE.record.json`.
 * A record for each file, so that two processes at work on two models never write the same one.
 */
const recordSchema = z.object({
  name: z.string(),
  source: z.string(),
  bytes: z.number(),
  sha256: z.string(),
  /** When the contents were last compared, as an ISO date. */
  checkedAt: z.string(),
  /** Of the file at that time: one that was written since has to be read again. */
  modifiedMs: z.number(),
});

export type ModelRecord = Readonly<z.infer<typeof recordSchema>>;

/** Null where there is none, or none that can be read. */
export async function readRecord(path: string): Promise<ModelRecord | null> {
  try {
    return recordSchema.parse(JSON.parse(await readFile(recordPath(path), 'utf8')));
  } catch {
    return null;
  }
}

/** Notes that the file at `path` was read as it is now, and what was found. */
export async function writeRecord(
  path: string,
  found: Pick<ModelRecord, 'name' | 'source' | 'sha256'>,
): Promise<void> {
  const { size, mtimeMs } = await stat(path);
  const record: ModelRecord = {
    ...found,
    bytes: size,
    checkedAt: new Date().toISOString(),
    modifiedMs: mtimeMs,
  };
  const whole = `${recordPath(path)}.${process.pid}.tmp`;
  await writeFile(whole, `${JSON.stringify(record, null, 2)}\n`);
  await rename(whole, recordPath(path));
}

export async function removeRecord(path: string): Promise<void> {
  await rm(recordPath(path), { force: true });
}

/** Whether a file of this size and time is the one that the record tells of. */
export function isUnchanged(record: ModelRecord, file: { size: number; mtimeMs: number }): boolean {
  return record.bytes === file.size && record.modifiedMs === file.mtimeMs;
}

export function isRecord(path: string): boolean {
  return path.endsWith(suffix);
}

function recordPath(path: string): string {
  return `${path}${suffix}`;
}
