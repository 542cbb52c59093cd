import type { FastifyInstance } from 'fastify';
import { GatewayError } from '../errors/index.js';

/** A model that requests may name. */
export interface ServedModel {
  readonly id: string;
  /** Seconds since 1970. */
  readonly created: number;
  readonly owned_by: string;
}

export interface ModelSource {
  /** Read anew at every request. */
  readonly models: () => readonly ServedModel[];
}

/** `GET /v1/models` and `GET /v1/models/{id}`, as OpenAI has them. */
export function modelRoutes(app: FastifyInstance, { models }: ModelSource): void {
  app.get('/v1/models', async () => ({ object: 'list', data: models().map(toOpenAi) }));
  app.get<{ Params: { id: string } }>('/v1/models/:id', async ({ params }) =>
    toOpenAi(findModel(params.id, models())),
  );
}

/** @throws GatewayError `model_not_found`, with the names that there are. */
export function findModel(id: string, models: readonly ServedModel[]): ServedModel {
  const found = models.find((model) => model.id === id);
  if (found) return found;
  const names = models.map((model) => model.id).join(', ');
  const message = `There is no model "${id.slice(0, 100)}" here. There are: ${names}.`;
  throw new GatewayError('model_not_found', { message, param: 'model' });
}

function toOpenAi({ id, created, owned_by }: ServedModel) {
  return { id, object: 'model', created, owned_by };
}
