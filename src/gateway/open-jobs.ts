import { resolve } from 'node:path';
import type { Access } from '../access/index.js';
import { type Config, packageRoot } from '../config/index.js';
import { type JobServiceOptions, Jobs } from '../jobs/index.js';
import type { Logger, Metrics } from '../telemetry/index.js';

/** What jobs are opened with. */
interface Surroundings {
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly access: Access;
  /** Receives what interrupts jobs again. */
  readonly closers: (() => Promise<void>)[];
}

/** Jobs, which a data folder that cannot be used keeps from nothing else. */
export function openJobs(
  config: Config,
  parts: Pick<JobServiceOptions, 'transcriber' | 'postProcessor'>,
  { metrics, logger, access, closers }: Surroundings,
): Jobs {
  for (const outcome of ['delivered', 'given_up']) metrics.webhooksTotal.inc({ outcome }, 0);
  const jobs = new Jobs({
    dataDir: resolve(packageRoot, config.dataDir),
    ...parts,
    concurrency: config.jobsConcurrency,
    maxQueued: config.jobsMaxQueued,
    maxAudioMs: config.maxAudioMs,
    maxAgeMs: config.jobsMaxAgeMs,
    maxBytes: config.jobsMaxBytes,
    reservedBytes: config.reservedDiskBytes,
    webhooks: {
      secret: config.webhookSecret,
      allowPrivate: config.webhookPrivateAddresses === 'allow',
      retryDelayMs: config.webhookRetryDelayMs,
      maxTries: config.webhookMaxTries,
      onSettled: (outcome) => metrics.webhooksTotal.inc({ outcome }),
    },
    onEnded: (state) => metrics.jobsTotal.inc({ state }),
    requireAudio: (owner) => owner !== null && access.requireAudio(owner),
    onAudio: (owner, audioMs) => owner !== null && access.heard(owner, audioMs),
    log: logger,
  });
  closers.push(() => jobs.close());
  return jobs;
}
