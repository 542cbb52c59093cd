import { stat } from 'node:fs/promises';
import { findInCatalog } from '../catalog.js';
import { checksumsOf } from './checksum.js';
import { isUnchanged, readRecord, writeRecord } from './record.js';

/**
 * What can be said of a model file: `ok` matches the checksum that its publisher states or that was
 * noted when it came; `unknown` has none to be compared with.
 */
export type Check =
  | { readonly state: 'ok'; readonly checkedAt: string }
  | { readonly state: 'unknown' }
  | { readonly state: 'damaged'; readonly problem: string };

/** From the file's size and date alone; null where it has to be read. */
export async function glanceAtModel(name: string, path: string): Promise<Check | null> {
  const file = await stat(path);
  const expected = findInCatalog(name)?.bytes;
  if (expected !== undefined && file.size !== expected) {
    return { state: 'damaged', problem: `has ${file.size} bytes instead of ${expected}` };
  }
  const record = await readRecord(path);
  if (record && isUnchanged(record, file)) return { state: 'ok', checkedAt: record.checkedAt };
  return record || expected !== undefined ? null : { state: 'unknown' };
}

/** Reads the whole file, and notes where it is as it should be. About a second per gigabyte. */
export async function checkModel(
  name: string,
  path: string,
  onProgress?: (bytes: number) => void,
): Promise<Check> {
  const glance = await glanceAtModel(name, path);
  if (glance && glance.state !== 'ok') return glance;
  const found = await checksumsOf(path, onProgress);
  const record = await readRecord(path);
  const published = findInCatalog(name)?.sha1;
  if (published !== undefined && found.sha1 !== published) {
    return { state: 'damaged', problem: `has another SHA-1 (${found.sha1}) than was published` };
  }
  if (published === undefined && found.sha256 !== record?.sha256) {
    return {
      state: 'damaged',
      problem: 'is not what it was when it came: its SHA-256 has changed',
    };
  }
  const source = record?.source ?? 'found in the folder';
  // A folder that cannot be written to costs the same reading next time.
  await writeRecord(path, { name, source, sha256: found.sha256 }).catch(() => {});
  return { state: 'ok', checkedAt: new Date().toISOString() };
}
