import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { GatewayError } from '../errors/index.js';
import { findInCatalog } from './catalog.js';
import { type KnownModel, knownModels } from './embedded.js';
import { checkModel, glanceAtModel } from './store/check-model.js';
import { embeddedPath, embeddedProblem } from './store/embedded-file.js';
import { isModelName, pathOfModel } from './store/model-name.js';

/**
 * Finds the file of a model, and checks it where its checksum is known: by reading it, or by its size
 * and date where it was read before.
 * @param name The name of an embedded, downloaded or imported model, or the path of a `.bin` file,
 *   relative to `dir`.
 * @param dir Folder of the model files.
 * @returns The file's absolute path.
 * @throws GatewayError `model_not_found` or `model_corrupt`.
 */
export async function resolveModel(name: string, dir: string): Promise<string> {
  const embedded = knownModels.find((model) => model.name === name);
  if (embedded) return await resolveEmbedded(embedded, resolve(dir));
  const named = resolve(pathOfModel(name, dir));
  if (isModelName(name) && (await isFile(named))) return await resolveStored(name, named);
  const path = resolve(dir, name);
  // Somebody's own file; whether it is a model is for the engine to say.
  if (name.endsWith('.bin') && (await isFile(path))) return path;
  throw new GatewayError('model_not_found', {
    message:
      findInCatalog(name)?.kind === 'recognition'
        ? `The model ${name} is not here yet. Get it with: whisper-gateway models pull ${name}`
        : `There is no model "${name}". The names are those that "whisper-gateway models list" shows; ` +
          'the path of a .bin file will do as well.',
  });
}

async function resolveEmbedded(model: KnownModel, dir: string): Promise<string> {
  const path = await embeddedPath(model, dir);
  const problem = await embeddedProblem(model, path);
  if (!problem) return path;
  throw new GatewayError(problem === 'is missing' ? 'model_not_found' : 'model_corrupt', {
    // Clients read this: a path of this machine is none of their business.
    message: `The file of the model ${model.name} ${problem}. Mend it with: whisper-gateway doctor --fix`,
    cause: path,
  });
}

async function resolveStored(name: string, path: string): Promise<string> {
  const check = (await glanceAtModel(name, path)) ?? (await checkModel(name, path));
  if (check.state !== 'damaged') return path;
  const remedy = findInCatalog(name) ? `models pull ${name}` : `models remove ${name}`;
  throw new GatewayError('model_corrupt', {
    message: `The file of the model ${name} ${check.problem}. Mend it with: whisper-gateway ${remedy}`,
    cause: path,
  });
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null))?.isFile() ?? false;
}
