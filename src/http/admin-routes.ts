import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { GatewayError } from '../errors/index.js';
import type { SlotSetting } from '../scheduler/index.js';

/** What an operator may change while the gateway runs. */
export interface AdminControls {
  /** Sets how many windows may run; answers how many that are now. */
  readonly setSlots: (slots: SlotSetting) => number;
}

/** The bounds are those of `ASR_SLOTS`. */
const slotsBody = z.strictObject({
  slots: z.union([z.literal('auto'), z.int().min(1).max(64)], {
    error: 'slots has to be a whole number from 1 to 64, or "auto"',
  }),
});

/** `PUT /v1/admin/slots`: how many inferences may run at the same time, from now on. */
export function adminRoutes(app: FastifyInstance, controls: AdminControls): void {
  app.put('/v1/admin/slots', async (request) => {
    const body = slotsBody.safeParse(request.body);
    if (!body.success) throw new GatewayError('bad_field', { message: sentence(body.error) });
    const { slots } = body.data;
    return { slots, max_concurrent: controls.setSlots(slots) };
  });
}

function sentence({ issues }: z.ZodError): string {
  return `${issues.map(({ message }) => message).join('; ')}.`;
}
