export { accessFolder } from './access-folder.js';
export { childEnvironment } from './child-environment.js';
export { gatewayAddress } from './gateway-address.js';
export { ConfigError, isLoopback, loadConfig, packageRoot } from './load.js';
export type { OptionMeta } from './options/option-fields.js';
export { type Config, configSchema } from './schema.js';
export { version } from './version.js';
