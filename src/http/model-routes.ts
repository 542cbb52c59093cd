import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { modelNotFound } from '../models/index.js';
import { json, operation } from './openapi/index.js';

/** A model that requests may name. */
export interface ServedModel {
  readonly id: string;
  /** When it came, in milliseconds since 1970. */
  readonly since: number;
  readonly purpose: 'transcription' | 'speech';
  /** Whether it can be used at once; any other is loaded when it is asked for. */
  readonly loaded: boolean;
  /** Whether it is used where no other is asked for. */
  readonly default: boolean;
  /** How many languages it understands; 1 is English, null where nobody has said. */
  readonly languages: number | null;
  /** The model that this name stands for now. */
  readonly alias_of?: string;
}

/** Each read anew at every request. */
export interface ModelSource {
  readonly models: () => Promise<readonly ServedModel[]>;
  /** Those among them that transcribe. */
  readonly transcriptionModels: () => Promise<readonly ServedModel[]>;
}

const modelSchema = z.object({
  id: z.string().describe('what a request names it'),
  object: z.literal('model'),
  created: z.int().min(0).describe('seconds since 1970'),
  owned_by: z.string(),
  purpose: z.enum(['transcription', 'speech']),
  loaded: z.boolean().describe('whether it answers at once; else it is loaded first'),
  default: z.boolean().describe('whether it is used where no other is asked for'),
  languages: z.int().min(1).nullable().describe('how many it understands; 1 is English'),
  alias_of: z.string().optional().describe('what this name stands for now'),
});

const listOperation = operation({
  scope: 'any',
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
  scope: 'any',
  tag: 'Models',
  summary: 'One of these models',
  params: z.object({ id: z.string().min(1).describe('as `GET /v1/models` lists it') }),
  answers: { 200: { description: 'It is there.', content: json(modelSchema) } },
  errors: ['bad_request', 'model_not_found'],
});

/** `GET /v1/models` and `GET /v1/models/{id}`, as OpenAI has them, with fields of ours. */
export function modelRoutes(app: FastifyInstance, { models }: ModelSource): void {
  app.get('/v1/models', listOperation, async () => ({
    object: 'list',
    data: (await models()).map(toOpenAi),
  }));
  app.get<{ Params: { id: string } }>('/v1/models/:id', modelOperation, async ({ params }) =>
    toOpenAi(findModel(params.id, await models())),
  );
}

/** @throws GatewayError `model_not_found`, with the names that there are. */
export function findModel(id: string, models: readonly ServedModel[]): ServedModel {
  const found = models.find((model) => model.id === id);
  if (found) return found;
  throw modelNotFound(
    id,
    models.map((model) => model.id),
  );
}

function toOpenAi({ id, since, ...ours }: ServedModel) {
  const created = Math.floor(since / 1000);
  return { id, object: 'model', created, owned_by: 'whisper-gateway', ...ours };
}
