import { ConfigError } from '../config/index.js';
import { GatewayError } from '../errors/index.js';

/** Plain words for what people can mend; the whole error for what only we can. */
export function explain(error: unknown): string {
  if (error instanceof ConfigError) return `These settings cannot be used:\n${error.message}`;
  if (error instanceof GatewayError && error.code !== 'internal_error') {
    return `${error.message} (${error.code})`;
  }
  // Of the system: a folder that cannot be written to, a disk that is full.
  if (error instanceof Error && 'syscall' in error) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
