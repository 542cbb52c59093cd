import { z } from 'zod';
import { choice, integer, optionalText } from './option-fields.js';

/** What gateways and inference hosts have in common, over NATS. */
export const natsOptions = {
  engine: choice(
    'ENGINE',
    ['local', 'nats'],
    'local',
    'Where windows are computed: `local` in workers of this machine, `nats` by hosts that run `whisper-gateway worker`.',
  ),
  natsUrl: optionalText(
    'NATS_URL',
    'Address of a NATS server with JetStream, such as nats://user:password@host:4222; several with commas between. Gateways with the same one share sessions, rooms and jobs.',
  ),
  natsPrefix: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/)
    .default('whisper_gateway')
    .meta({
      env: 'NATS_PREFIX',
      description:
        'First part of every name used on NATS: gateways and workers with another one know nothing of these.',
    }),
  natsReplicas: integer(
    'NATS_REPLICAS',
    1,
    1,
    5,
    'NATS servers that keep each thing that is shared; 3 survives the loss of one in a cluster of three.',
  ),
};
