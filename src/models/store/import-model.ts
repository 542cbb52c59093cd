import { constants, copyFile, mkdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { GatewayError } from '../../errors/index.js';
import { findInCatalog } from '../catalog.js';
import type { ModelKind } from '../catalog-model.js';
import { knownModels } from '../embedded.js';
import { isVoiceName, openVoiceFolder } from '../voices/voice-folder.js';
import { checksumsOf } from './checksum.js';
import { filesIn } from './files-of.js';
import { requireSpace } from './free-space.js';
import { inspectModel } from './inspect-model.js';
import { isModelName, nameOfFile, pathOfModel, pathOfVoice, pathsOf } from './model-name.js';
import { writeRecord } from './record.js';
import { sizeOf } from './size-of.js';
import { withModelLock } from './with-model-lock.js';

/**
 * Copies somebody's own model file, or the folder of a voice, to the others and notes its checksums.
 * @param name Null for the one that the name of the file or folder says.
 * @throws GatewayError `model_unsupported`, `model_corrupt`, `model_exists`, `bad_field` or
 *   `disk_full`.
 */
export async function importModel(
  source: string,
  dir: string,
  name: string | null = null,
): Promise<{ name: string; path: string; kind: ModelKind }> {
  const from = resolve(source);
  const kind = await kindOf(from);
  const isVoice = kind === 'voice';
  if (isVoice) await openVoiceFolder(dirname(from), basename(from));
  else await inspectModel(from);
  const chosen =
    name ?? (isVoice ? basename(from) : nameOfFile(basename(from)).replace(/\.bin$/, ''));
  requireFreeName(chosen, isVoice);
  const path = isVoice ? pathOfVoice(chosen, resolve(dir)) : pathOfModel(chosen, resolve(dir));
  await mkdir(dirname(path), { recursive: true });
  await withModelLock(path, async () => {
    for (const there of pathsOf(chosen, resolve(dir))) {
      if ((await sizeOf(there)) !== null) throw taken(`${there} is there already`);
    }
    const files = await readFiles(from, isVoice, chosen);
    await requireSpace(
      dir,
      files.reduce((sum, { bytes }) => sum + bytes, 0),
    );
    await copyIntoPlace(from, path, files, isVoice);
    for (const file of files) {
      const found = {
        name: chosen,
        source: `imported from ${basename(from)}`,
        sha256: file.sha256,
      };
      await writeRecord(join(path, file.name), found);
    }
  });
  return { name: chosen, path, kind };
}

interface ReadFile {
  /** In the folder; empty where the model is this one file. */
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

async function kindOf(source: string): Promise<ModelKind> {
  const found = await stat(source).catch(() => null);
  if (found?.isDirectory()) return 'voice';
  if (found?.isFile()) return 'recognition';
  throw new GatewayError('model_not_found', { message: `There is no file or folder ${source}.` });
}

/** What is to be copied: all of it, and under a name of the catalogue what that has. */
async function readFiles(from: string, isVoice: boolean, name: string): Promise<ReadFile[]> {
  const published = findInCatalog(name)?.files;
  const names = published?.map((file) => file.name) ?? (isVoice ? await filesIn(from) : ['']);
  const other = taken(`${name} is a name of the catalogue, and this is another`);
  const files: ReadFile[] = [];
  for (const file of names) {
    const path = join(from, file);
    const found = await stat(path).catch(() => null);
    if (!found?.isFile()) throw other;
    const sums = await checksumsOf(path);
    const checksum = published?.find((it) => it.name === file)?.checksum;
    if (checksum && checksum.hex !== sums[checksum.algorithm]) throw other;
    files.push({ name: file, bytes: found.size, sha256: sums.sha256 });
  }
  return files;
}

function requireFreeName(name: string, isVoice: boolean): void {
  if (!(isVoice ? isVoiceName(name) : isModelName(name))) {
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
async function copyIntoPlace(
  from: string,
  path: string,
  files: readonly ReadFile[],
  isVoice: boolean,
): Promise<void> {
  const whole = `${path}.${process.pid}.tmp`;
  try {
    if (isVoice) await mkdir(whole);
    for (const { name } of files) {
      await copyFile(join(from, name), join(whole, name), constants.COPYFILE_FICLONE);
    }
    await rename(whole, path);
  } finally {
    await rm(whole, { recursive: true, force: true });
  }
}
