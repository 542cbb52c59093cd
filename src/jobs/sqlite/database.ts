import { GatewayError } from '../../errors/index.js';
import { type Database, openDatabase as open, whyUnusable } from '../../storage/index.js';
import { migrations } from './migrations.js';

export type { Database, Value } from '../../storage/index.js';

/**
 * Opens the database of jobs. It stays locked until it is closed or this process ends, however that happens:
 * two gateways would run each other's jobs.
 * @param steps From an empty database to the latest version.
 * @throws GatewayError `jobs_unavailable` where it is locked, too new, damaged, or cannot be written to.
 */
export function openDatabase(path: string, steps: readonly string[] = migrations): Database {
  try {
    return open(path, { migrations: steps, access: 'exclusive' });
  } catch (cause) {
    throw new GatewayError('jobs_unavailable', {
      message: `The jobs in ${path} cannot be used: ${whyUnusable(cause)}.`,
      cause,
    });
  }
}
