import { resolve } from 'node:path';
import { type Config, packageRoot } from '../../config/index.js';

/** The folder of model files, as the gateway itself understands `MODELS_DIR`. */
export function modelsDirOf(config: Config): string {
  return resolve(packageRoot, config.modelsDir);
}
