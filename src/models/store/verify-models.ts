import { resolve } from 'node:path';
import { GatewayError } from '../../errors/index.js';
import { embeddedVoiceActivityModel } from '../embedded.js';
import { type Check, checkModel } from './check-model.js';
import { embeddedPath, embeddedProblem } from './embedded-file.js';
import { listModels } from './list-models.js';

export interface VerifiedModel {
  readonly name: string;
  readonly path: string;
  readonly check: Check;
}

/**
 * Reads the models that are here and compares them with their checksums.
 * @param name One of them; null for all, the voice activity model included.
 * @throws GatewayError `model_not_found` where the one is not here.
 */
export async function verifyModels(dir: string, name: string | null): Promise<VerifiedModel[]> {
  const here = (await listModels(dir)).filter((model) => model.path !== null);
  const wanted = here.filter((model) => name === null || model.name === name);
  const verified: VerifiedModel[] = [];
  for (const model of wanted) {
    const path = model.path as string;
    const check =
      model.origin === 'embedded' || model.check?.state === 'damaged'
        ? (model.check as Check)
        : await checkModel(model.name, path);
    verified.push({ name: model.name, path, check });
  }
  const isVoice = name === null || name === embeddedVoiceActivityModel.name;
  if (isVoice) verified.push(await verifyVoiceActivity(resolve(dir)));
  if (verified.length > 0) return verified;
  throw new GatewayError('model_not_found', { message: `There is no model ${name} in ${dir}.` });
}

async function verifyVoiceActivity(dir: string): Promise<VerifiedModel> {
  const model = embeddedVoiceActivityModel;
  const path = await embeddedPath(model, dir);
  const problem = await embeddedProblem(model, path);
  const check: Check = problem
    ? { state: 'damaged', problem }
    : { state: 'ok', checkedAt: new Date().toISOString() };
  return { name: model.name, path, check };
}
