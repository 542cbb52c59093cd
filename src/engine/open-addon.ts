import { GatewayError } from '../errors/index.js';
import type { OnLog } from './messages.js';
import { loadAddon, type NativeAddon } from './native-binding.js';

/** The addon, with its log lines going to `log`. @throws GatewayError `backend_unavailable`. */
export function openAddon(path: string, log: OnLog): NativeAddon {
  try {
    const addon = loadAddon(path);
    addon.setLogger(log);
    return addon;
  } catch (error) {
    throw new GatewayError('backend_unavailable', { cause: error });
  }
}
