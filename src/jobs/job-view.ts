import { type Job, totalMs } from './job.js';
import type { JobView } from './job-schema.js';

/** What only the running gateway knows of a job. */
export interface LiveFacts {
  readonly queuePosition: number | null;
  readonly leftMs: number | null;
}

export function jobView(job: Job, { queuePosition, leftMs }: LiveFacts): JobView {
  const { chineseScript, postProcessing, ...options } = job.options;
  return {
    id: job.id,
    object: 'job',
    state: job.state,
    name: job.name,
    bytes: job.bytes,
    model: job.model,
    priority: job.priority,
    reference: job.reference,
    webhook_url: job.webhookUrl,
    options: { ...options, chinese_script: chineseScript, post_processing: postProcessing },
    created_at: isoTime(job.createdAtMs),
    started_at: job.startedAtMs === null ? null : isoTime(job.startedAtMs),
    ended_at: job.endedAtMs === null ? null : isoTime(job.endedAtMs),
    starts: job.starts,
    queue_position: queuePosition,
    progress: {
      done_seconds: seconds(job.doneMs),
      total_seconds: secondsOrNull(totalMs(job)),
      seconds_left: secondsOrNull(leftMs),
    },
    error: job.error,
  };
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}

function secondsOrNull(ms: number | null): number | null {
  return ms === null ? null : seconds(ms);
}

/** To the millisecond. */
function seconds(ms: number): number {
  return Math.round(ms) / 1_000;
}
