import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import type { Access } from '../access/index.js';
import { version } from '../config/index.js';
import { type ErrorCode, GatewayError } from '../errors/index.js';
import type { JobSource } from '../jobs/index.js';
import type { PostProcessing } from '../post-processing/index.js';
import type { Rooms } from '../rooms/index.js';
import { requestIdOf } from '../telemetry/index.js';
import { accessRoutes, guardRoutes } from './access/index.js';
import { type AdminControls, adminRoutes } from './admin-routes.js';
import { type AnsweredRequest, followRequests } from './follow-requests.js';
import { type HealthOptions, type HealthSource, healthRoutes } from './health-routes.js';
import { type JobRouteOptions, jobRoutes } from './jobs/index.js';
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

export interface HttpOptions extends SpeechLimits, UploadLimits, JobRouteOptions, HealthOptions {
  /** HTTPS where it is given, HTTP else. */
  readonly tls?: TlsFiles | undefined;
}

export interface HttpDependencies extends HealthSource, StatsSource, AdminControls, ModelSource {
  readonly access: Access;
  readonly speech: SpeechSource;
  readonly rooms: Rooms;
  readonly transcriptions: TranscriptionSource;
  readonly postProcessing: PostProcessing;
  readonly jobs: Pick<JobSource, 'accepting' | 'service'>;
  readonly webApp: WebApp;
  readonly error: (fields: object, message: string) => void;
  /** A request failed for a reason that is the gateway's own. */
  readonly onFailed: (code: ErrorCode) => void;
  /** A request was answered, whatever with. */
  readonly onAnswered: (answered: AnsweredRequest) => void;
}

/** Beyond the longest upload, which is to be refused in its own words first. */
const requestMarginMs = 10_000;

/** The HTTP side of the gateway; not listening yet. */
export function createHttpApp(deps: HttpDependencies, options: HttpOptions): FastifyInstance {
  const server = {
    logger: false,
    forceCloseConnections: true,
    // All of a request has to come by then; how long its answer takes is no matter.
    requestTimeout: options.uploadTimeoutMs + requestMarginMs,
    // A room's name of 100 characters may take nine bytes for each in an address.
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 1_000 },
    frameworkErrors: refuseAddress,
    genReqId: requestIdOf,
  };
  // A secure server is a server; Fastify's types tell them apart.
  const app = options.tls
    ? (fastify({ ...server, https: options.tls }) as unknown as FastifyInstance)
    : fastify(server);
  const { access } = deps;
  // Bodies are JSON, but for those that a route reads itself.
  app.removeContentTypeParser('text/plain');
  followRequests(app, (answered) => deps.onAnswered(answered));
  // Files are no operations: they come before the table that wants each route described.
  webRoutes(app, deps.webApp, deps.streamAddress);
  const table = noteRoutes(app);
  guardRoutes(app, access, table);
  app.setErrorHandler((thrown, request, reply) => {
    const error = GatewayError.from(fromFastify(thrown));
    if (error.code === 'internal_error') {
      deps.error({ error: thrown, requestId: request.id }, 'request failed');
    }
    const { status, headers, body } = openAiError(error);
    if (status >= 500) deps.onFailed(error.code);
    return reply.status(status).headers(headers).send(body);
  });
  openApiRoutes(app, table, { version, needsKey: () => access.locked });
  healthRoutes(app, deps, options);
  statsRoutes(app, deps);
  adminRoutes(app, deps);
  accessRoutes(app, access);
  speechRoutes(app, deps.speech, options, access);
  modelRoutes(app, deps);
  roomRoutes(app, deps.rooms);
  const assertModel = async (name: string) =>
    void findModel(name, await deps.transcriptionModels());
  const names = { assertModel, postProcessing: deps.postProcessing };
  transcriptionRoutes(app, { source: deps.transcriptions, names, limits: options, access });
  jobRoutes(app, { jobs: deps.jobs, names, options, access });
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
function refuseAddress(cause: Error, request: FastifyRequest, reply: FastifyReply): void {
  const { status, body } = openAiError(new GatewayError('bad_request', { cause }));
  void reply.status(status).header('x-request-id', request.id).send(body);
}
