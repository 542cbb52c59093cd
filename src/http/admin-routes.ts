import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { GatewayError } from '../errors/index.js';
import type { SlotSetting } from '../scheduler/index.js';
import { json, jsonBodyErrors, operation } from './openapi/index.js';

/** What an operator may change while the gateway runs. */
export interface AdminControls {
  /** Sets how many windows may run; answers how many that are now. */
  readonly setSlots: (slots: SlotSetting) => number;
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

/** `PUT /v1/admin/slots`: how many inferences may run at the same time, from now on. */
export function adminRoutes(app: FastifyInstance, controls: AdminControls): void {
  app.put('/v1/admin/slots', slotsOperation, async (request) => {
    const body = slotsBody.safeParse(request.body);
    if (!body.success) throw new GatewayError('bad_field', { message: sentence(body.error) });
    const { slots } = body.data;
    return { slots, max_concurrent: controls.setSlots(slots) };
  });
}

function sentence({ issues }: z.ZodError): string {
  return `${issues.map(({ message }) => message).join('; ')}.`;
}
