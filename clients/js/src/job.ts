export type JobState = 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled';

/** A file that is transcribed in its own time; the gateway's docs/jobs.md says what every field means. */
export interface Job {
  readonly id: string;
  readonly state: JobState;
  readonly name: string;
  readonly bytes: number;
  readonly priority: number;
  readonly reference: string | null;
  readonly options: Readonly<Record<string, unknown>>;
  /** Times as in RFC 3339. */
  readonly created_at: string;
  readonly started_at: string | null;
  readonly ended_at: string | null;
  readonly starts: number;
  /** 1 for the next one; null unless it is queued. */
  readonly queue_position: number | null;
  /** Seconds: of audio, and until its end. */
  readonly progress: {
    readonly done_seconds: number;
    readonly total_seconds: number | null;
    readonly seconds_left: number | null;
  };
  readonly error: { readonly code: string; readonly message: string } | null;
}

export interface JobList {
  readonly data: readonly Job[];
  readonly has_more: boolean;
  /** For `after` of the next page. */
  readonly next: string | null;
}

/** What becomes of jobs. */
export type JobEvent =
  | { readonly type: 'job'; readonly job: Job }
  | { readonly type: 'deleted'; readonly id: string }
  /** Ids of queued jobs, the next one first. */
  | { readonly type: 'queue'; readonly order: readonly string[] };

export type JobFormat = 'txt' | 'srt' | 'vtt' | 'tsv' | 'json';
