export { childEnvironment } from './child-environment.js';
export { ConfigError, isLoopback, loadConfig, packageRoot } from './load.js';
export { type Config, configSchema, type OptionMeta } from './schema.js';
export { version } from './version.js';
