import { rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { GatewayError } from '../../errors/index.js';
import { knownModels } from '../embedded.js';
import { isModelName, pathsOf } from './model-name.js';
import { PartFile } from './part-file.js';
import { removeRecord } from './record.js';
import { sizeOf } from './size-of.js';
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
  for (const path of isModelName(name) ? pathsOf(name, resolve(dir)) : []) {
    const whole = await sizeOf(path);
    const part = await sizeOf(`${path}.part`);
    if (whole === null && part === null) continue;
    await withModelLock(path, async () => {
      await rm(path, { recursive: true, force: true });
      await removeRecord(path);
      await new PartFile(path).remove();
    });
    return (whole ?? 0) + (part ?? 0);
  }
  throw new GatewayError('model_not_found', { message: `There is no model ${name} in ${dir}.` });
}
