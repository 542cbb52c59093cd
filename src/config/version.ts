import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from './load.js';

/** This product's version, as `package.json` says it. */
export const version: string = (
  JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as { version: string }
).version;
