import type { Job, JobState } from '../job.js';

/** A row of the table of jobs. */
export interface JobRow {
  readonly id: string;
  readonly state: JobState;
  readonly name: string;
  readonly bytes: number;
  readonly options: string;
  readonly rules: string | null;
  readonly model: string | null;
  readonly priority: number;
  readonly reference: string | null;
  readonly webhook_url: string | null;
  readonly owner: string | null;
  readonly created_at_ms: number;
  readonly started_at_ms: number | null;
  readonly ended_at_ms: number | null;
  readonly starts: number;
  readonly fruitless_starts: number;
  readonly duration_ms: number | null;
  readonly channels: number | null;
  readonly done_ms: number;
  readonly error: string | null;
}

export function toJob(row: JobRow): Job {
  return {
    id: row.id,
    state: row.state,
    name: row.name,
    bytes: row.bytes,
    options: JSON.parse(row.options),
    rules: row.rules === null ? null : JSON.parse(row.rules),
    model: row.model,
    priority: row.priority,
    reference: row.reference,
    webhookUrl: row.webhook_url,
    owner: row.owner,
    createdAtMs: row.created_at_ms,
    startedAtMs: row.started_at_ms,
    endedAtMs: row.ended_at_ms,
    starts: row.starts,
    fruitlessStarts: row.fruitless_starts,
    durationMs: row.duration_ms,
    channels: row.channels,
    doneMs: row.done_ms,
    error: row.error === null ? null : JSON.parse(row.error),
  };
}
