import { GatewayError } from '../errors/index.js';
import { speaksOfMemory } from './lack-of-memory.js';
import type { OnLog } from './messages.js';
import { loadAddon, type NativeAddon } from './native-binding.js';

/**
 * The addon, with its log lines going to `log`.
 * @throws GatewayError `backend_unavailable` or `engine_out_of_memory`.
 */
export function openAddon(path: string, log: OnLog): NativeAddon {
  try {
    const addon = loadAddon(path);
    addon.setLogger(log);
    return addon;
  } catch (error) {
    const outOfMemory = error instanceof Error && speaksOfMemory(error.message);
    const code = outOfMemory ? 'engine_out_of_memory' : 'backend_unavailable';
    throw new GatewayError(code, { cause: error });
  }
}
