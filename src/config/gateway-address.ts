import type { Config } from './schema.js';

/** An address that means "all of this machine" can be listened on, but not called. */
const callable: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };

/** Where a gateway of these settings is called from its own machine, as `http://host:port`. */
export function gatewayAddress({
  host,
  port,
  tlsCert,
}: Pick<Config, 'host' | 'port' | 'tlsCert'>): string {
  const name = callable[host] ?? host;
  const scheme = tlsCert ? 'https' : 'http';
  return `${scheme}://${name.includes(':') ? `[${name}]` : name}:${port}`;
}
