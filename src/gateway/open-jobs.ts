import { resolve } from 'node:path';
import type { NatsConnection } from '@nats-io/transport-node';
import type { Access } from '../access/index.js';
import { type Config, packageRoot } from '../config/index.js';
import { type JobServiceOptions, type JobSource, Jobs, NatsJobs } from '../jobs/index.js';
import type { Logger, Metrics } from '../telemetry/index.js';

/** What jobs are opened with. */
interface Surroundings {
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly access: Access;
  /** Where they are kept that gateways share; null where they lie in the data folder. */
  readonly nats: NatsConnection | null;
  /** Receives what interrupts jobs again. */
  readonly closers: (() => Promise<void>)[];
}

/** Jobs, which a data folder or a NATS that cannot be used keeps from nothing else. */
export async function openJobs(
  config: Config,
  parts: Pick<JobServiceOptions, 'transcriber' | 'postProcessor'>,
  { metrics, logger, access, nats, closers }: Surroundings,
): Promise<JobSource> {
  for (const outcome of ['delivered', 'given_up']) metrics.webhooksTotal.inc({ outcome }, 0);
  const options: JobServiceOptions = {
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
  };
  const jobs = nats ? await openNatsJobs(config, options, nats) : new Jobs(options);
  closers.push(() => jobs.close());
  return jobs;
}

async function openNatsJobs(
  { natsPrefix: prefix, natsReplicas: replicas, jobsLeaseMs: leaseMs }: Config,
  options: JobServiceOptions,
  connection: NatsConnection,
): Promise<JobSource> {
  const jobs = new NatsJobs(options, { connection, prefix, replicas, leaseMs });
  await jobs.open();
  return jobs;
}
