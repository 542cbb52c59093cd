import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { packageRoot } from '../../config/index.js';
import type { KnownModel } from '../embedded.js';
import { sha256Of } from './checksum.js';

/** Where the models that come with the gateway are. */
const embeddedDir = join(packageRoot, 'models');

/** The file of an embedded model: the one in the folder of models, else the one that came along. */
export async function embeddedPath(model: KnownModel, dir: string): Promise<string> {
  const own = join(dir, model.file);
  return (await stat(own).catch(() => null)) ? own : join(embeddedDir, model.file);
}

/** What is wrong with an embedded model's file, to be said behind its name; null where nothing is. */
export async function embeddedProblem(model: KnownModel, path: string): Promise<string | null> {
  const file = await stat(path).catch(() => null);
  if (!file) return 'is missing';
  if (file.size !== model.bytes) return `has ${file.size} bytes instead of ${model.bytes}`;
  const sha256 = await sha256Of(path);
  return sha256 === model.sha256 ? null : `has another SHA-256 (${sha256})`;
}
