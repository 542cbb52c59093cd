import { stat } from 'node:fs/promises';
import { algorithmNames, checksumsOf } from './checksum.js';
import { filesOf, type StoredFile } from './files-of.js';
import { isUnchanged, readRecord, writeRecord } from './record.js';

/**
 * What can be said of a model's files: `ok` match the checksums that their publisher states or that were
 * noted when they came; `unknown` have none to be compared with.
 */
export type Check =
  | { readonly state: 'ok'; readonly checkedAt: string }
  | { readonly state: 'unknown' }
  | { readonly state: 'damaged'; readonly problem: string };

/**
 * From sizes and dates alone; null where the model has to be read.
 * @param path Its file, or its folder.
 */
export async function glanceAtModel(name: string, path: string): Promise<Check | null> {
  const files = await filesOf(name, path);
  return worst(await Promise.all(files.map(glanceAtFile)));
}

/** Reads all of the model, and notes where it is as it should be. About a second per gigabyte. */
export async function checkModel(name: string, path: string): Promise<Check> {
  const checks: Check[] = [];
  for (const file of await filesOf(name, path)) checks.push(await checkFile(name, file));
  // Null is not among them.
  return worst(checks) as Check;
}

async function glanceAtFile(stored: StoredFile): Promise<Check | null> {
  const { path, published } = stored;
  const file = await stat(path).catch(() => null);
  if (!file) return damaged(stored, 'is missing');
  if (published && file.size !== published.bytes) {
    return damaged(stored, `has ${file.size} bytes instead of ${published.bytes}`);
  }
  const record = await readRecord(path);
  if (record && isUnchanged(record, file)) return { state: 'ok', checkedAt: record.checkedAt };
  return record || published ? null : { state: 'unknown' };
}

async function checkFile(name: string, stored: StoredFile): Promise<Check> {
  const glance = await glanceAtFile(stored);
  if (glance && glance.state !== 'ok') return glance;
  const { path, published } = stored;
  const found = await checksumsOf(path);
  const record = await readRecord(path);
  if (published) {
    const { algorithm, hex } = published.checksum;
    if (found[algorithm] !== hex) {
      const other = `has another ${algorithmNames[algorithm]} (${found[algorithm]})`;
      return damaged(stored, `${other} than was published`);
    }
  } else if (found.sha256 !== record?.sha256) {
    return damaged(stored, 'is not what it was when it came: its SHA-256 has changed');
  }
  const source = record?.source ?? 'found in the folder';
  // A folder that cannot be written to costs the same reading next time.
  await writeRecord(path, { name, source, sha256: found.sha256 }).catch(() => {});
  return { state: 'ok', checkedAt: new Date().toISOString() };
}

/** The problem is said behind the path of the model. */
function damaged({ name }: StoredFile, problem: string): Check {
  return { state: 'damaged', problem: name ? `has a damaged part: ${name} ${problem}` : problem };
}

/** Of a model, from what was found of its files. */
function worst(checks: readonly (Check | null)[]): Check | null {
  const states = ['damaged', undefined, 'unknown'] as const;
  for (const state of states) {
    const found = checks.find((check) => check?.state === state);
    if (found !== undefined) return found;
  }
  return checks[0] ?? { state: 'unknown' };
}
