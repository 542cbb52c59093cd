import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { GatewayError } from '../errors/index.js';
import type { SlotSetting } from '../scheduler/index.js';
import { json, jsonBodyErrors, operation } from './openapi/index.js';

/** What an operator may change while the gateway runs. */
export interface AdminControls {
  /** Sets how many windows may run; answers how many that are now. */
  readonly setSlots: (slots: SlotSetting) => number;
  /** Makes another model the default. @throws GatewayError; the default is as before then. */
  readonly switchModel: (name: string) => Promise<SwitchAnswer>;
}

/** What `PUT /v1/admin/model` answers once new sessions get the model. */
export interface SwitchAnswer {
  readonly model: string;
  readonly previous: string;
  readonly took_ms: number;
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

const modelOperation = operation({
  tag: 'Operations',
  summary: 'Which model new sessions and files get where they name none',
  description:
    'Answers when the model is loaded. What has begun goes on with the former one. Gone after a restart.',
  body: json(modelBody),
  answers: { 200: { description: 'It is the default.', content: json(answerSchema) } },
  errors: [
    ...jsonBodyErrors,
    'model_not_found',
    'model_corrupt',
    'model_load_failed',
    'model_too_large',
    'memory_budget_exceeded',
    'engine_out_of_memory',
    'engine_unavailable',
  ],
});

/**
 * `PUT /v1/admin/slots`: how many inferences may run at the same time, from now on.
 * `PUT /v1/admin/model`: which model new sessions get, where they name none.
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
}

function sentence({ issues }: z.ZodError): string {
  return `${issues.map(({ message }) => message).join('; ')}.`;
}
