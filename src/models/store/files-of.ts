import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { findInCatalog } from '../catalog.js';
import type { CatalogFile } from '../catalog-model.js';
import { isRecord } from './record.js';

/** A file of a model that is here, or should be. */
export interface StoredFile {
  /** In the model's folder; empty where the model is this one file. */
  readonly name: string;
  readonly path: string;
  /** Null where nobody publishes it. */
  readonly published: CatalogFile | null;
}

/** What belongs to a model: what the catalogue says, else what is there. */
export async function filesOf(name: string, path: string): Promise<StoredFile[]> {
  const published = findInCatalog(name)?.files;
  if (published) {
    return published.map((file) => ({
      name: file.name,
      path: join(path, file.name),
      published: file,
    }));
  }
  const names = (await isFolder(path)) ? await filesIn(path) : [''];
  return names.map((file) => ({ name: file, path: join(path, file), published: null }));
}

/** Names of the files of a voice's folder, without hidden ones and what the store notes of them. */
export async function filesIn(folder: string): Promise<string[]> {
  const names = (await readdir(folder)).filter((name) => !name.startsWith('.') && !isRecord(name));
  const files = await Promise.all(
    names.map(async (name) => ((await isFolder(join(folder, name))) ? [] : [name])),
  );
  return files.flat().sort();
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null))?.isDirectory() ?? false;
}
