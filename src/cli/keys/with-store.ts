import { join } from 'node:path';
import type { AccessStore } from '../../access/index.js';
import { accessFolder, loadConfig } from '../../config/index.js';

/** Who did it, in the audit log. */
export const actor = 'cli';

/** Works on the keys of these settings, whether a gateway runs or not. @throws GatewayError `access_unavailable`. */
export async function withStore<T>(work: (store: AccessStore) => T): Promise<T> {
  const { AccessStore, accessFile } = await import('../../access/index.js');
  const store = AccessStore.open(join(accessFolder(loadConfig()), accessFile));
  try {
    return work(store);
  } finally {
    store.close();
  }
}
