import { choice, fraction, integer, optionalUrl, text } from './option-fields.js';

/** Logging and stopping. */
export const operationOptions = {
  logLevel: choice(
    'LOG_LEVEL',
    ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'],
    'info',
    'Lowest level that is logged.',
  ),
  tracesEndpoint: optionalUrl(
    'OTEL_EXPORTER_OTLP_ENDPOINT',
    'Address of an OpenTelemetry collector that takes OTLP over HTTP, such as http://localhost:4318. Unset: there are no traces.',
  ),
  tracesShare: fraction(
    'OTEL_TRACES_SAMPLER_ARG',
    1,
    'Share of sessions and files that are traced, 0 … 1; each with all of its windows.',
  ),
  tracesService: text('OTEL_SERVICE_NAME', 'whisper-gateway', 'Name of this service in traces.'),
  shutdownTimeoutMs: integer(
    'SHUTDOWN_TIMEOUT_MS',
    10_000,
    0,
    600_000,
    'Longest time in milliseconds for sessions to finish after SIGTERM.',
  ),
};
