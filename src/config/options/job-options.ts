import { choice, integer, optionalText, text } from './option-fields.js';

/** Jobs: uploaded files that are transcribed in the background. */
export const jobOptions = {
  dataDir: text(
    'DATA_DIR',
    'data',
    "Folder of jobs and their files, relative to the gateway's own; made with the first job.",
  ),
  reservedDiskBytes: integer(
    'RESERVED_DISK_BYTES',
    268_435_456,
    0,
    1_125_899_906_842_624,
    'Bytes of the disks of DATA_DIR and UPLOAD_DIR that uploads leave free.',
  ),
  jobsConcurrency: integer(
    'JOBS_CONCURRENCY',
    4,
    1,
    64,
    'Jobs that run at the same time and share the slots fairly, so that a short one passes a long one.',
  ),
  jobsLeaseMs: integer(
    'JOBS_LEASE_MS',
    15_000,
    1_000,
    600_000,
    'Milliseconds after which another gateway goes on with the jobs of one that is not heard of any more; only with NATS_URL.',
  ),
  jobsMaxQueued: integer(
    'JOBS_MAX_QUEUED',
    10_000,
    1,
    1_000_000,
    'Jobs that may wait; the next one is refused with queue_full.',
  ),
  jobsMaxAgeMs: integer(
    'JOBS_MAX_AGE_MS',
    604_800_000,
    0,
    31_536_000_000,
    'Milliseconds after which a job that has ended is deleted with its files; 0 keeps it.',
  ),
  jobsMaxBytes: integer(
    'JOBS_MAX_BYTES',
    53_687_091_200,
    1_024,
    1_125_899_906_842_624,
    'Bytes of uploads above which jobs that have ended are deleted, the oldest first.',
  ),
  webhookSecret: optionalText(
    'WEBHOOK_SECRET',
    'Key that webhooks are signed with: any text, or whsec_ and base64. Unset: there are no webhooks.',
  ),
  webhookPrivateAddresses: choice(
    'WEBHOOK_PRIVATE_ADDRESSES',
    ['refuse', 'allow'],
    'refuse',
    'Whether webhooks may lead to addresses that are not public, such as this machine or its network.',
  ),
  webhookRetryDelayMs: integer(
    'WEBHOOK_RETRY_DELAY_MS',
    5_000,
    10,
    3_600_000,
    'Wait in milliseconds before a webhook is tried for the second time; four times as long after each further failure, up to six hours.',
  ),
  webhookMaxTries: integer(
    'WEBHOOK_MAX_TRIES',
    8,
    1,
    20,
    'How often a webhook is tried before it is given up.',
  ),
};
