import type { PostProcessor, SettledRules } from '../post-processing/index.js';
import type { JobState } from './job.js';
import type { RunnerLog } from './job-runner.js';
import type { RetentionOptions } from './retention.js';
import type { Transcriber } from './transcribe-job.js';
import type { WebhookOptions } from './webhooks/webhook-sender.js';

export interface JobServiceOptions extends RetentionOptions {
  /** Folder of the database and the uploads; made where there is none. */
  readonly dataDir: string;
  readonly transcriber: Transcriber;
  /** What becomes of a job's words, each time that somebody reads them. */
  readonly postProcessor: (rules: SettledRules) => PostProcessor;
  /** Jobs that run at the same time. */
  readonly concurrency: number;
  /** Jobs that may wait. */
  readonly maxQueued: number;
  readonly maxAudioMs: number;
  readonly webhooks: Omit<WebhookOptions, 'log'>;
  readonly onEnded?: (state: JobState) => void;
  /** Asked before a job begins. @throws GatewayError `insufficient_quota` where its owner may have no more. */
  readonly requireAudio?: (owner: string | null) => void;
  /** Audio of a job was dealt with. */
  readonly onAudio?: (owner: string | null, audioMs: number) => void;
  readonly log: RunnerLog;
}
