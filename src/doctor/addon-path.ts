import { join } from 'node:path';
import { packageRoot } from '../config/index.js';

/** Where the addon of a backend is, once it is built. */
export function addonPath(backend: 'cpu' | 'cuda'): string {
  return join(packageRoot, 'build', backend, 'whisper_gateway.node');
}
