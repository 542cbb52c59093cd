import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { type ErrorCode, GatewayError } from '../errors/index.js';
import type { SlotSetting } from '../scheduler/index.js';
import { json, jsonBodyErrors, operation } from './openapi/index.js';
import { leaveBodiesUnread } from './uploads/unread-bodies.js';

/** What an operator may change while the gateway runs. */
export interface AdminControls {
  /** Sets how many windows may run; answers how many that are now. */
  readonly setSlots: (slots: SlotSetting) => number;
  /** Makes another model the default. @throws GatewayError; the default is as before then. */
  readonly switchModel: (name: string) => Promise<SwitchAnswer>;
  /** Loads a model before anybody asks for it. @throws GatewayError */
  readonly loadModel: (name: string) => Promise<LoadAnswer>;
  /** Unloads a model that nobody uses. @throws GatewayError `model_in_use`, `model_not_found`. */
  readonly unloadModel: (name: string) => Promise<UnloadAnswer>;
  /** Takes no new work, or takes it again. */
  readonly setDraining: (draining: boolean) => DrainAnswer;
}

/** What `PUT /v1/admin/model` answers once new sessions get the model. */
export interface SwitchAnswer {
  readonly model: string;
  readonly previous: string;
  readonly took_ms: number;
}

/** What `POST /v1/admin/models/{id}/load` answers once the model can be used. */
export interface LoadAnswer {
  readonly model: string;
  readonly took_ms: number;
}

export interface UnloadAnswer {
  readonly model: string;
  /** False where it was not loaded. */
  readonly unloaded: boolean;
}

/** Whether new work is taken, and what is there still. */
export interface DrainAnswer {
  readonly draining: boolean;
  readonly sessions: number;
  readonly transcriptions: number;
}

/** The bounds are those of `ASR_SLOTS`. */
const slotsBody = z.strictObject({
  slots: z
    .union([z.literal('auto'), z.int().min(1).max(64)], {
      error: 'slots has to be a whole number from 1 to 64, or "auto"',
    })
    .describe('how many, or `auto` for as many as the engine has'),
});

const slotsOperation = operation({
  scope: 'admin',
  tag: 'Operations',
  summary: 'How many windows may run at the same time, from now on',
  description: 'More than the engine has takes effect should it have more. Gone after a restart.',
  body: json(slotsBody),
  answers: {
    200: {
      description: 'What holds now.',
      content: json(
        z.object({
          slots: slotsBody.shape.slots,
          max_concurrent: z.int().min(0).describe('how many that is at the moment'),
        }),
      ),
    },
  },
  errors: jsonBodyErrors,
});

const modelBody = z.strictObject({
  model: z
    .string({ error: 'model has to be the name of a model' })
    .min(1, 'model is empty')
    .describe('a name that `GET /v1/models` lists for transcription'),
});

const answerSchema: z.ZodType<SwitchAnswer> = z.object({
  model: z.string().describe('what new sessions get'),
  previous: z.string().describe('what they got before'),
  took_ms: z.int().min(0).describe('until the model was loaded'),
});

const modelParams = z.object({
  id: z.string().min(1).describe('as `GET /v1/models` lists it, for transcription'),
});

const loadSchema: z.ZodType<LoadAnswer> = z.object({
  model: z.string(),
  took_ms: z.int().min(0).describe('about 0 where it was loaded already'),
});

const unloadSchema: z.ZodType<UnloadAnswer> = z.object({
  model: z.string(),
  unloaded: z.boolean().describe('false where it was not loaded'),
});

const drainSchema: z.ZodType<DrainAnswer> = z.object({
  draining: z.boolean(),
  sessions: z.int().min(0).describe('live ones, that wait for their client included'),
  transcriptions: z.int().min(0).describe('uploaded files whose answer is still waited for'),
});

/** Why a model may not load. */
const loadErrors: readonly ErrorCode[] = [
  'model_not_found',
  'model_corrupt',
  'model_load_failed',
  'model_too_large',
  'memory_budget_exceeded',
  'engine_out_of_memory',
  'engine_unavailable',
];

const modelOperation = operation({
  scope: 'admin',
  tag: 'Operations',
  summary: 'Which model new sessions and files get where they name none',
  description:
    'Answers when the model is loaded. What has begun goes on with the former one. Gone after a restart.',
  body: json(modelBody),
  answers: { 200: { description: 'It is the default.', content: json(answerSchema) } },
  errors: [...jsonBodyErrors, ...loadErrors],
});

const loadOperation = operation({
  scope: 'admin',
  tag: 'Operations',
  summary: 'Loads a model before anybody asks for it',
  description:
    'Answers when it is loaded. It stays as one does whose last user has just left: see `MODEL_IDLE_MS`.',
  params: modelParams,
  answers: { 200: { description: 'It can be used.', content: json(loadSchema) } },
  errors: ['bad_request', ...loadErrors],
});

const unloadOperation = operation({
  scope: 'admin',
  tag: 'Operations',
  summary: 'Unloads a model that nobody uses',
  description: 'Answers when its memory is free. Whoever asks for it next has it loaded again.',
  params: modelParams,
  answers: { 200: { description: 'It is not loaded now.', content: json(unloadSchema) } },
  errors: ['bad_request', 'model_not_found', 'model_in_use'],
});

const drainOperation = operation({
  scope: 'admin',
  tag: 'Operations',
  summary: 'Takes no new work from now on',
  description: `\`/ready\` fails, and new sessions, files and jobs are refused with \`server_draining\`. What has
begun goes on to its end, sessions that are cut off and come back included. The process goes on as well: end it when
nothing is left, or take work again with \`DELETE\`. Gone after a restart.`,
  answers: { 200: { description: 'What is there still.', content: json(drainSchema) } },
});

const undrainOperation = operation({
  scope: 'admin',
  tag: 'Operations',
  summary: 'Takes work again',
  description: 'Ends what `POST` began. A gateway that shuts down goes on doing so.',
  answers: { 200: { description: 'What holds now.', content: json(drainSchema) } },
});

interface OneModel {
  Params: z.output<typeof modelParams>;
}

/**
 * `PUT /v1/admin/slots`: how many inferences may run at the same time, from now on.
 * `PUT /v1/admin/model`: which model new sessions get, where they name none.
 * `POST /v1/admin/models/{id}/load` and `…/unload`: which models are ready for whoever asks.
 * `POST /v1/admin/drain`: takes no new work; `DELETE` takes it again.
 */
export function adminRoutes(app: FastifyInstance, controls: AdminControls): void {
  app.put('/v1/admin/slots', slotsOperation, async (request) => {
    const body = slotsBody.safeParse(request.body);
    if (!body.success) throw new GatewayError('bad_field', { message: sentence(body.error) });
    const { slots } = body.data;
    return { slots, max_concurrent: controls.setSlots(slots) };
  });
  app.put('/v1/admin/model', modelOperation, async (request) => {
    const body = modelBody.safeParse(request.body);
    if (!body.success) throw new GatewayError('bad_field', { message: sentence(body.error) });
    return await controls.switchModel(body.data.model);
  });
  app.register((scope, _options, registered) => {
    // The address says it all.
    leaveBodiesUnread(scope);
    scope.post<OneModel>('/v1/admin/models/:id/load', loadOperation, async ({ params }) =>
      controls.loadModel(params.id),
    );
    scope.post<OneModel>('/v1/admin/models/:id/unload', unloadOperation, async ({ params }) =>
      controls.unloadModel(params.id),
    );
    scope.post('/v1/admin/drain', drainOperation, async () => controls.setDraining(true));
    scope.delete('/v1/admin/drain', undrainOperation, async () => controls.setDraining(false));
    registered();
  });
}

function sentence({ issues }: z.ZodError): string {
  return `${issues.map(({ message }) => message).join('; ')}.`;
}
