import type { ErrorCode } from '../errors/index.js';
import type { SettledRules } from '../post-processing/index.js';
import type { PostProcessingRequest } from '../protocol/index.js';
import type { ChineseScript } from '../transcript/index.js';

/** `queued` → `running` → one of the others; cancelled and failed jobs can be queued again. */
export const jobStates = ['queued', 'running', 'succeeded', 'failed', 'cancelled'] as const;
export type JobState = (typeof jobStates)[number];
export type EndState = Exclude<JobState, 'queued' | 'running'>;

/** How a file is to be transcribed. */
export interface JobOptions {
  /** As it was asked for: `whisper-1` is whichever is the default when the job begins. */
  readonly model: string;
  /** A code such as `en`, or `auto`. */
  readonly language: string;
  readonly task: 'transcribe' | 'translate';
  readonly prompt: string;
  readonly hotwords: readonly string[];
  readonly channels: 'mixed' | 'split';
  readonly chineseScript: ChineseScript;
  /** As it was asked for, if it was. */
  readonly postProcessing: PostProcessingRequest | null;
}

/** What is asked for with a file. */
export interface JobRequest {
  readonly options: JobOptions;
  /** What that comes to when the job is created, whatever becomes of profiles; null leaves words as heard. */
  readonly rules: SettledRules | null;
  /** Jobs with a higher one go first. */
  readonly priority: number;
  /** The caller's own name for it. */
  readonly reference: string | null;
  /** Told when the job ends. */
  readonly webhookUrl: string | null;
  /** Whose it is: the id of a key; null where nobody noted it. */
  readonly owner: string | null;
}

/** A file that was received whole. */
export interface Upload {
  /** The id of the job to come, and the name of the file on disk. */
  readonly id: string;
  /** As the sender calls it; may hold anything. */
  readonly name: string;
  readonly bytes: number;
}

/** A job as it is kept. Times are milliseconds since 1970. */
export interface Job extends Upload, JobRequest {
  readonly state: JobState;
  /** That it was begun with last: its windows are all of this one. */
  readonly model: string | null;
  readonly createdAtMs: number;
  /** When it was started last. */
  readonly startedAtMs: number | null;
  readonly endedAtMs: number | null;
  /** How often it was started: once, and again after every interruption and retry. */
  readonly starts: number;
  /** Of those, how many in a row reached the engine, finished no window, and ended with the process. */
  readonly fruitlessStarts: number;
  /** Of the audio; null until it was looked at, or where only its end tells. */
  readonly durationMs: number | null;
  readonly channels: number | null;
  /** Audio that is dealt with, over all channels. */
  readonly doneMs: number;
  readonly error: { readonly code: ErrorCode; readonly message: string } | null;
}

/** How a job ended. */
export type Ending =
  | { readonly state: 'succeeded'; readonly durationMs: number }
  | { readonly state: 'failed'; readonly error: NonNullable<Job['error']> }
  | { readonly state: 'cancelled' };

/** Whether it waits or runs. */
export function isOpen({ state }: Pick<Job, 'state'>): boolean {
  return state === 'queued' || state === 'running';
}

/** Milliseconds of audio to transcribe: of every channel, where they are transcribed one by one. */
export function totalMs({ durationMs, channels, options }: Job): number | null {
  if (durationMs === null || channels === null) return null;
  return durationMs * (options.channels === 'split' ? channels : 1);
}
