import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import { version } from '../config/index.js';
import { GatewayError } from '../errors/index.js';
import type { PostProcessing } from '../post-processing/index.js';
import type { Rooms } from '../rooms/index.js';
import { isAuthorized } from '../transport/index.js';
import { type AdminControls, adminRoutes } from './admin-routes.js';
import { type HealthSource, healthRoutes } from './health-routes.js';
import { type JobRouteOptions, type JobSource, jobRoutes } from './jobs/index.js';
import { findModel, type ModelSource, modelRoutes } from './model-routes.js';
import { openAiError } from './openai-error.js';
import { noteRoutes, openApiRoutes } from './openapi/index.js';
import type { TlsFiles } from './read-tls.js';
import { roomRoutes } from './room-routes.js';
import { type SpeechLimits, type SpeechSource, speechRoutes } from './speech-routes.js';
import { type StatsSource, statsRoutes } from './stats-routes.js';
import {
  type TranscriptionSource,
  transcriptionRoutes,
  type UploadLimits,
} from './transcriptions/index.js';
import { type WebApp, webRoutes } from './web/index.js';

export interface HttpOptions extends SpeechLimits, UploadLimits, JobRouteOptions {
  readonly apiKey: string | undefined;
  /** HTTPS where it is given, HTTP else. */
  readonly tls?: TlsFiles | undefined;
}

export interface HttpDependencies extends HealthSource, StatsSource, AdminControls, ModelSource {
  readonly speech: SpeechSource;
  readonly rooms: Rooms;
  readonly transcriptions: TranscriptionSource;
  readonly postProcessing: PostProcessing;
  readonly jobs: JobSource;
  readonly webApp: WebApp;
  readonly error: (fields: object, message: string) => void;
}

/** The HTTP side of the gateway; not listening yet. */
export function createHttpApp(deps: HttpDependencies, options: HttpOptions): FastifyInstance {
  const server = {
    logger: false,
    forceCloseConnections: true,
    // A room's name of 100 characters may take nine bytes for each in an address.
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 1_000 },
    frameworkErrors: refuseAddress,
  };
  // A secure server is a server; Fastify's types tell them apart.
  const app = options.tls
    ? (fastify({ ...server, https: options.tls }) as unknown as FastifyInstance)
    : fastify(server);
  // Bodies are JSON, but for those that a route reads itself.
  app.removeContentTypeParser('text/plain');
  // Files are no operations: they come before the table that wants each route described.
  webRoutes(app, deps.webApp);
  const table = noteRoutes(app);
  app.addHook('onRequest', async (request, reply) => {
    if (request.routeOptions.config.public) return;
    if (!isAuthorized(request.raw, options.apiKey)) throw new GatewayError('unauthorized');
    if (!request.is404) return;
    const allowed = table.methodsOf(request.url);
    if (allowed.length === 0) throw new GatewayError('not_found');
    reply.header('allow', allowed.join(', '));
    throw new GatewayError('method_not_allowed');
  });
  app.setErrorHandler((thrown, request, reply) => {
    const error = GatewayError.from(fromFastify(thrown));
    if (error.code === 'internal_error') {
      deps.error({ error: thrown, requestId: request.id }, 'request failed');
    }
    const { status, headers, body } = openAiError(error);
    return reply.status(status).headers(headers).send(body);
  });
  openApiRoutes(app, table, { version, needsKey: options.apiKey !== undefined });
  healthRoutes(app, deps);
  statsRoutes(app, deps);
  adminRoutes(app, deps);
  speechRoutes(app, deps.speech, options);
  modelRoutes(app, deps);
  roomRoutes(app, deps.rooms);
  const assertModel = async (name: string) =>
    void findModel(name, await deps.transcriptionModels());
  const names = { assertModel, postProcessing: deps.postProcessing };
  transcriptionRoutes(app, deps.transcriptions, names, options);
  jobRoutes(app, deps.jobs, names, options);
  return app;
}

/** Fastify's own refusals (a malformed body, a wrong content type) are the client's errors. */
function fromFastify(thrown: unknown): unknown {
  const status = (thrown as { statusCode?: unknown } | null)?.statusCode;
  if (typeof status !== 'number' || status < 400 || status >= 500) return thrown;
  if (!(thrown instanceof Error)) return thrown;
  if (status === 413) return new GatewayError('body_too_large', { cause: thrown });
  if (status === 415) return new GatewayError('not_json', { cause: thrown });
  return new GatewayError('bad_field', { message: thrown.message, cause: thrown });
}

/** An address that cannot be read reaches no route, and none of what is set up above. */
function refuseAddress(cause: Error, _request: FastifyRequest, reply: FastifyReply): void {
  const { status, body } = openAiError(new GatewayError('bad_request', { cause }));
  void reply.status(status).send(body);
}
