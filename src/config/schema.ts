import { z } from 'zod';
import { accessOptions } from './options/access-options.js';
import { engineOptions } from './options/engine-options.js';
import { jobOptions } from './options/job-options.js';
import { listeningOptions } from './options/listening-options.js';
import { natsOptions } from './options/nats-options.js';
import { operationOptions } from './options/operation-options.js';
import { roomOptions } from './options/room-options.js';
import { sessionOptions } from './options/session-options.js';
import { speechOptions } from './options/speech-options.js';
import { uploadOptions } from './options/upload-options.js';

/**
 * Every option of the gateway. The key is its name in code; `env` in its metadata is the environment
 * variable that sets it. `docs/configuration.md` is generated from this table.
 */
export const configSchema = z.object({
  ...listeningOptions,
  ...accessOptions,
  ...sessionOptions,
  ...roomOptions,
  ...engineOptions,
  ...natsOptions,
  ...speechOptions,
  ...uploadOptions,
  ...jobOptions,
  ...operationOptions,
});

/** Checked and frozen options. */
export type Config = Readonly<z.infer<typeof configSchema>>;
