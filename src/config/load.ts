import { fileURLToPath } from 'node:url';
import type { OptionMeta } from './options/option-fields.js';
import { type Config, configSchema } from './schema.js';

/** The folder that holds `package.json`, seen from `src/config` and from `dist/config` alike. */
export const packageRoot = fileURLToPath(new URL('../../', import.meta.url));

/** A value in the environment that cannot be used, with the variable's name. */
export class ConfigError extends Error {}

/**
 * Reads the options from environment variables, over which `overrides` win.
 * @throws ConfigError naming every variable that cannot be used.
 */
export function loadConfig(
  overrides: Partial<Config> = {},
  env: NodeJS.ProcessEnv = process.env,
): Config {
  const given: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(configSchema.shape)) {
    const value = env[(field.meta() as unknown as OptionMeta).env];
    if (value !== undefined && value !== '') given[name] = value;
  }
  const result = configSchema.safeParse({ ...given, ...overrides });
  if (!result.success) throw new ConfigError(result.error.issues.map(sentence).join('\n'));
  refuseHalfTls(result.data);
  refuseHostsNowhere(result.data);
  return Object.freeze(result.data);
}

/** Whether an address is reachable from this machine only. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

function refuseHalfTls({ tlsCert, tlsKey }: Config): void {
  if ((tlsCert === undefined) === (tlsKey === undefined)) return;
  const [given, missing] = tlsCert ? ['TLS_CERT', 'TLS_KEY'] : ['TLS_KEY', 'TLS_CERT'];
  throw new ConfigError(`${given} is set, so ${missing} has to be set, too.`);
}

function refuseHostsNowhere({ engine, natsUrl }: Config): void {
  if (engine !== 'nats' || natsUrl !== undefined) return;
  throw new ConfigError('ENGINE is nats, so NATS_URL has to be set, too.');
}

function sentence(issue: { path: PropertyKey[]; message: string }): string {
  const name = String(issue.path[0]) as keyof typeof configSchema.shape;
  const meta = configSchema.shape[name]?.meta() as unknown as OptionMeta | undefined;
  return `${meta?.env ?? name}: ${issue.message}`;
}
