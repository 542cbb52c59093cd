import { resolve } from 'node:path';
import { packageRoot } from './load.js';
import type { Config } from './schema.js';

/** The folder of keys, as an absolute path: several gateways of a machine may have one in common. */
export function accessFolder({
  accessDir,
  dataDir,
}: Pick<Config, 'accessDir' | 'dataDir'>): string {
  return resolve(packageRoot, accessDir ?? dataDir);
}
