import { type Logger, pino } from 'pino';

export type { Logger } from 'pino';

/** JSON lines on stdout. What clients say or carry is logged under `pii` only, and left out. */
export function createLogger(level: string): Logger {
  return pino({
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: ['pii', '*.pii', 'headers', '*.headers', 'url', '*.url'], remove: true },
  });
}
