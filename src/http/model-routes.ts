import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { GatewayError } from '../errors/index.js';
import { json, operation } from './openapi/index.js';

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

const modelSchema = z.object({
  id: z.string().describe('what a request names it'),
  object: z.literal('model'),
  created: z.int().min(0).describe('seconds since 1970'),
  owned_by: z.string(),
});

const listOperation = operation({
  tag: 'Models',
  summary: 'The models that requests may name',
  answers: {
    200: {
      description: 'All of them.',
      content: json(z.object({ object: z.literal('list'), data: z.array(modelSchema) })),
    },
  },
});

const modelOperation = operation({
  tag: 'Models',
  summary: 'One of these models',
  params: z.object({ id: z.string().min(1).describe('as `GET /v1/models` lists it') }),
  answers: { 200: { description: 'It is there.', content: json(modelSchema) } },
  errors: ['bad_request', 'model_not_found'],
});

/** `GET /v1/models` and `GET /v1/models/{id}`, as OpenAI has them. */
export function modelRoutes(app: FastifyInstance, { models }: ModelSource): void {
  app.get('/v1/models', listOperation, async () => ({
    object: 'list',
    data: models().map(toOpenAi),
  }));
  app.get<{ Params: { id: string } }>('/v1/models/:id', modelOperation, async ({ params }) =>
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
