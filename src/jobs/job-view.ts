import { type Job, totalMs } from './job.js';

/** A job as clients see it. Times as in RFC 3339, lengths in seconds of audio. */
export interface JobView {
  readonly id: string;
  readonly object: 'job';
  readonly state: Job['state'];
  readonly name: string;
  readonly bytes: number;
  readonly priority: number;
  readonly reference: string | null;
  readonly webhook_url: string | null;
  readonly options: {
    readonly language: string;
    readonly task: string;
    readonly prompt: string;
    readonly hotwords: readonly string[];
    readonly channels: string;
    readonly chinese_script: string;
  };
  readonly created_at: string;
  readonly started_at: string | null;
  readonly ended_at: string | null;
  /** How often it was started, after interruptions and retries included. */
  readonly starts: number;
  /** 1 for the next one; null unless it is queued. */
  readonly queue_position: number | null;
  readonly progress: {
    readonly done_seconds: number;
    /** Null until it is known; where channels are transcribed one by one, of all of them. */
    readonly total_seconds: number | null;
    /** At the pace so far; null while there is none. */
    readonly seconds_left: number | null;
  };
  readonly error: Job['error'];
}

/** What only the running gateway knows of a job. */
export interface LiveFacts {
  readonly queuePosition: number | null;
  readonly leftMs: number | null;
}

export function jobView(job: Job, { queuePosition, leftMs }: LiveFacts): JobView {
  const { chineseScript, ...options } = job.options;
  return {
    id: job.id,
    object: 'job',
    state: job.state,
    name: job.name,
    bytes: job.bytes,
    priority: job.priority,
    reference: job.reference,
    webhook_url: job.webhookUrl,
    options: { ...options, chinese_script: chineseScript },
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
