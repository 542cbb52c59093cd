import { join } from 'node:path';

/** In the folder of models; every voice has a folder of its own in it. */
export const voicesFolder = 'voices';

export function voicesDirOf(modelsDir: string): string {
  return join(modelsDir, voicesFolder);
}
