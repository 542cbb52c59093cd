import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { AccessStore, accessFile } from '../../access/index.js';
import { accessFolder, type Config, isLoopback } from '../../config/index.js';
import { GatewayError } from '../../errors/index.js';
import { type Check, error, ok, warning } from '../check.js';

export const keys: Check = {
  id: 'keys',
  group: 'Service',
  title: 'Keys',
  async run({ config }) {
    const { host, apiKey, openAccess } = config;
    try {
      const count = keysIn(config);
      if (count > 0 || apiKey) return ok(apiKey ? `API_KEY, and ${count} more` : `${count}`);
    } catch (thrown) {
      const { message } = GatewayError.from(thrown);
      return error(
        message,
        `Mend ${accessFile} in ${accessFolder(config)}, or take it away and make new keys.`,
      );
    }
    if (isLoopback(host)) return ok('none, and none is needed on this machine alone');
    if (openAccess === 'allow') {
      return warning('none: everybody who can reach it may do everything', makeOne);
    }
    return error(`none, and ${host} can be reached from other machines`, makeOne);
  },
};

const makeOne = 'Make one: whisper-gateway keys create NAME --scope stream,watch (docs/access.md)';

/** Nothing is made by looking. */
function keysIn(config: Config): number {
  const path = join(accessFolder(config), accessFile);
  if (!existsSync(path)) return 0;
  const store = AccessStore.open(path);
  try {
    return store.keys().length;
  } finally {
    store.close();
  }
}
