import { choice, integer, optionalText } from './option-fields.js';

/** Who may use the gateway, and how much. */
export const accessOptions = {
  // Access.
  apiKey: optionalText(
    'API_KEY',
    "The operator's own key, which may do everything. Further keys: whisper-gateway keys (access.md).",
  ),
  accessDir: optionalText(
    'ACCESS_DIR',
    'Folder of keys, usage and audit, if not DATA_DIR: gateways on one machine may have it in common.',
  ),
  openAccess: choice(
    'OPEN_ACCESS',
    ['refuse', 'allow'],
    'refuse',
    'Whether the gateway may listen on other addresses than loopback, and be called by other names, without any key.',
  ),
  allowedOrigins: optionalText(
    'ALLOWED_ORIGINS',
    'Origins of pages that may use the gateway from browsers beside its own, separated by commas; `*` for any.',
  ),
  trustedProxies: optionalText(
    'TRUSTED_PROXIES',
    'Addresses and networks of proxies whose X-Forwarded-For is believed, separated by commas.',
  ),
  metricsAccess: choice(
    'METRICS_ACCESS',
    ['admin', 'key', 'open'],
    'admin',
    'Who may read /metrics where there are keys: the scope `admin`, any key, or everybody.',
  ),
  maxTokenMs: integer(
    'MAX_TOKEN_MS',
    604_800_000,
    1_000,
    31_536_000_000,
    'Longest time in milliseconds for which a token may be good.',
  ),
  keyMaxConnections: limit(
    'KEY_MAX_CONNECTIONS',
    100_000,
    'Connections of one key at the same time, those that watch included',
  ),
  keyRequestsAMinute: limit('KEY_REQUESTS_A_MINUTE', 1_000_000, 'Requests of one key a minute'),
  keyAudioSecondsADay: limit(
    'KEY_AUDIO_SECONDS_A_DAY',
    1_000_000_000,
    'Seconds of audio of one key a day',
  ),
  keyMaxUploadBytes: limit('KEY_MAX_UPLOAD_BYTES', 1_099_511_627_776, 'Largest upload of one key'),
  addressMaxConnections: limit(
    'ADDRESS_MAX_CONNECTIONS',
    100_000,
    'Connections of one address at the same time, those that watch included',
  ),
  addressRequestsAMinute: limit(
    'ADDRESS_REQUESTS_A_MINUTE',
    1_000_000,
    'Requests of one address a minute',
  ),
  addressAudioSecondsADay: limit(
    'ADDRESS_AUDIO_SECONDS_A_DAY',
    1_000_000_000,
    'Seconds of audio of one address a day',
  ),
  addressFailuresAMinute: integer(
    'ADDRESS_FAILURES_A_MINUTE',
    60,
    0,
    1_000_000,
    'Wrong keys of one address a minute, after which API_KEY is refused from it for a while; 0 for any number.',
  ),
};

function limit(env: string, max: number, description: string) {
  const own = env.startsWith('KEY') ? '; a key may have its own' : '';
  return integer(env, 0, 0, max, `${description}${own}; 0 for no limit.`);
}
