import { rm, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { GatewayError } from '../../errors/index.js';
import { knownModels } from '../embedded.js';
import { isModelName, pathOfModel } from './model-name.js';
import { PartFile } from './part-file.js';
import { removeRecord } from './record.js';
import { withModelLock } from './with-model-lock.js';

/**
 * Removes a downloaded or imported model, or what an unfinished download left of it. A gateway that
 * has it loaded goes on with it.
 * @returns The bytes that were freed.
 * @throws GatewayError `model_not_found` or `bad_field`.
 */
export async function removeModel(name: string, dir: string): Promise<number> {
  if (knownModels.some((model) => model.name === name)) {
    throw new GatewayError('bad_field', {
      message: `${name} comes with the gateway and stays.`,
    });
  }
  const path = pathOfModel(name, resolve(dir));
  const part = new PartFile(path);
  const size = (await stat(path).catch(() => null))?.size;
  const freed = (size ?? 0) + (await part.size());
  if (!isModelName(name) || (size === undefined && freed === 0)) {
    throw new GatewayError('model_not_found', { message: `There is no model ${name} in ${dir}.` });
  }
  await withModelLock(path, async () => {
    await rm(path, { force: true });
    await removeRecord(path);
    await part.remove();
  });
  return freed;
}
