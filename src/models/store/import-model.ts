import { constants, copyFile, mkdir, rename, rm, stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { GatewayError } from '../../errors/index.js';
import { findInCatalog } from '../catalog.js';
import { knownModels } from '../embedded.js';
import { checksumsOf } from './checksum.js';
import { requireSpace } from './free-space.js';
import { inspectModel } from './inspect-model.js';
import { isModelName, nameOfFile, pathOfModel } from './model-name.js';
import { writeRecord } from './record.js';
import { withModelLock } from './with-model-lock.js';

/**
 * Copies a model file of somebody's own into the folder and notes its checksum.
 * @param name Null for the one that its file name says.
 * @throws GatewayError `model_unsupported`, `model_corrupt`, `model_exists`, `bad_field` or
 *   `disk_full`.
 */
export async function importModel(
  source: string,
  dir: string,
  name: string | null = null,
): Promise<{ name: string; path: string }> {
  const file = await stat(source).catch(() => null);
  if (!file?.isFile()) {
    throw new GatewayError('model_not_found', { message: `There is no file ${source}.` });
  }
  await inspectModel(source);
  const chosen = name ?? nameOfFile(basename(source)).replace(/\.bin$/, '');
  requireFreeName(chosen);
  const path = pathOfModel(chosen, resolve(dir));
  await mkdir(dir, { recursive: true });
  await withModelLock(path, async () => {
    if (await stat(path).catch(() => null)) throw taken(`${path} is there already`);
    const { sha1, sha256 } = await checksumsOf(source);
    const published = findInCatalog(chosen)?.sha1;
    if (published !== undefined && published !== sha1) {
      throw taken(`${chosen} is a name of the catalogue, and this file is another`);
    }
    await requireSpace(dir, file.size);
    await copyIntoPlace(source, path);
    await writeRecord(path, { name: chosen, source: `imported from ${basename(source)}`, sha256 });
  });
  return { name: chosen, path };
}

function requireFreeName(name: string): void {
  if (!isModelName(name)) {
    throw new GatewayError('bad_field', {
      message: `"${name}" cannot be a model's name: letters, digits, ".", "_" and "-" can. Give another with --name.`,
    });
  }
  if (knownModels.some((model) => model.name === name)) {
    throw taken(`${name} is the name of a model that comes with the gateway`);
  }
}

function taken(why: string): GatewayError {
  return new GatewayError('model_exists', { message: `${why}. Choose another name with --name.` });
}

/** A disk that can shares the bytes instead of copying them. */
async function copyIntoPlace(source: string, path: string): Promise<void> {
  const whole = `${path}.${process.pid}.tmp`;
  try {
    await copyFile(source, whole, constants.COPYFILE_FICLONE);
    await rename(whole, path);
  } finally {
    await rm(whole, { force: true });
  }
}
