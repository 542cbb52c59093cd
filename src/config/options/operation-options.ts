import { choice, integer } from './option-fields.js';

/** Logging and stopping. */
export const operationOptions = {
  logLevel: choice(
    'LOG_LEVEL',
    ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'],
    'info',
    'Lowest level that is logged.',
  ),
  shutdownTimeoutMs: integer(
    'SHUTDOWN_TIMEOUT_MS',
    10_000,
    0,
    600_000,
    'Longest time in milliseconds for sessions to finish after SIGTERM.',
  ),
};
