import { Access, trustedProxies } from '../access/index.js';
import { accessFolder, type Config, ConfigError, isLoopback } from '../config/index.js';
import type { Logger } from '../telemetry/index.js';

/**
 * Who may use this gateway.
 * @throws ConfigError where others could reach it and nobody needs a key; GatewayError `access_unavailable`.
 */
export function openAccess(config: Config, logger: Logger): Access {
  const { maxTokenMs, addressFailuresAMinute: failuresAMinute } = config;
  const access = new Access(
    {
      folder: accessFolder(config),
      apiKey: config.apiKey,
      openAccess: config.openAccess === 'allow',
      allowedOrigins: originsOf(config),
      trustedProxies: proxiesOf(config),
      maxTokenMs,
      failuresAMinute,
      key: {
        maxConnections: config.keyMaxConnections,
        requestsAMinute: config.keyRequestsAMinute,
        audioSecondsADay: config.keyAudioSecondsADay,
        maxUploadBytes: config.keyMaxUploadBytes,
      },
      address: {
        maxConnections: config.addressMaxConnections,
        requestsAMinute: config.addressRequestsAMinute,
        audioSecondsADay: config.addressAudioSecondsADay,
      },
    },
    logger,
  );
  if (isLoopback(config.host) || access.locked) return access;
  if (config.openAccess === 'allow') {
    logger.warn({ host: config.host }, 'everybody who can reach this gateway may do everything');
    return access;
  }
  void access.close();
  throw new ConfigError(
    `HOST ${config.host} can be reached from other machines, and there are no keys. Make one with "whisper-gateway keys create", or set API_KEY; or let everybody do everything with OPEN_ACCESS=allow.`,
  );
}

/** One that is written otherwise than browsers do would never be met. */
function originsOf({ allowedOrigins }: Config): string[] {
  const origins = listOf(allowedOrigins);
  const isOrigin = (text: string) => URL.canParse(text) && new URL(text).origin === text;
  const wrong = origins.find((origin) => origin !== '*' && !isOrigin(origin));
  if (wrong === undefined) return origins;
  throw new ConfigError(`ALLOWED_ORIGINS: "${wrong}" is no origin such as https://app.example.`);
}

function proxiesOf({ trustedProxies: list }: Config) {
  try {
    return trustedProxies(listOf(list));
  } catch (error) {
    throw new ConfigError(`TRUSTED_PROXIES: ${(error as Error).message}`);
  }
}

function listOf(text = ''): string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter(Boolean);
}
