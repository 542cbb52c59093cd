import { type DestinationStream, type Logger, pino } from 'pino';
import { requestFields } from './request-context.js';

export type { Logger } from 'pino';

/** What clients say or carry, and what opens doors. It is left out at the top and one level below. */
const secrets = ['pii', 'headers', 'url', 'authorization', 'apiKey', 'token', 'resumeToken'];

/**
 * JSON lines. What clients say or carry is logged under keys that are left out; what belongs to a request
 * names it in `requestId`.
 * @param to Where they go. @default stdout
 */
export function createLogger(level: string, to: DestinationStream = pino.destination(1)): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      mixin: requestFields,
      serializers: { error: failure, cause: failure },
      redact: { paths: secrets.flatMap((key) => [key, `*.${key}`]), remove: true },
    },
    to,
  );
}

/** What failed and where. What `JSON.parse` says is left out: it quotes what it read, which may be a client's. */
function failure(thrown: unknown): unknown {
  if (!(thrown instanceof Error)) return thrown;
  for (let each: unknown = thrown; each instanceof Error; each = each.cause) {
    if (each instanceof SyntaxError) return { type: thrown.name };
  }
  return pino.stdSerializers.err(thrown);
}
