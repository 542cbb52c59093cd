import { AudioFile, type DecoderLog, type FfmpegOptions } from '../audio/index.js';
import { GatewayError } from '../errors/index.js';
import {
  type FinishedWindow,
  type RecordingDefaults,
  type RecordingDependencies,
  transcribeRecording,
} from '../recording/index.js';
import type { Job } from './job.js';
import type { JobStore } from './job-store.js';

/** What transcribes. */
export interface Transcriber {
  readonly dependencies: RecordingDependencies;
  /** What files are decoded with. */
  readonly file: FfmpegOptions;
  readonly defaults: RecordingDefaults;
}

export interface TranscribeJobOptions {
  readonly store: JobStore;
  readonly transcriber: Transcriber;
  /** Where the file lies. */
  readonly path: string;
  /** Longest audio. */
  readonly maxAudioMs: number;
  /**
   * More is known of the job: about its file, or how much of the audio is dealt with.
   * @param windowFinished Whether a window was kept, and not only passed in silence.
   */
  readonly onProgress: (doneMs: number, windowFinished: boolean) => void;
  readonly signal: AbortSignal;
  readonly log: DecoderLog;
}

/**
 * Transcribes a job's file from behind its last finished window, and keeps each further one before it looks
 * at the next. Windows that were on their way when it was interrupted are decoded again.
 * @returns The length of the audio in milliseconds.
 * @throws GatewayError of the file, of `transcribeRecording`, `disk_full`, or `cancelled`.
 */
export async function transcribeJob(
  { id, options, doneMs }: Job,
  { store, transcriber, path, maxAudioMs, onProgress, signal, log }: TranscribeJobOptions,
): Promise<number> {
  const file = await AudioFile.open(path, { ...transcriber.file, log }, signal);
  try {
    if (signal.aborted) throw new GatewayError('cancelled');
    store.probed(id, file.durationMs, file.channels);
    onProgress(doneMs, false);
    const finished = store.windows(id);
    let position = finished.length;
    const events = transcribeRecording(file, noted(transcriber.dependencies, id, store), {
      ...transcriber.defaults,
      ...options,
      id,
      maxDurationMs: maxAudioMs,
      signal,
      ...goingOn(finished),
    });
    for await (const event of events) {
      if (signal.aborted) throw new GatewayError('cancelled');
      if (event.kind === 'end') return event.durationMs;
      const done = doneUntil(event, file);
      if (event.kind === 'window') store.addWindow(id, position++, event, done);
      onProgress(done, event.kind === 'window');
    }
    // The generator always says its end.
    throw new GatewayError('internal_error');
  } finally {
    await file.close();
  }
}

/** The same, and the first window is noted before it goes to the engine. */
function noted(
  dependencies: RecordingDependencies,
  id: string,
  store: JobStore,
): RecordingDependencies {
  let reached = false;
  return {
    ...dependencies,
    submit: (window, signal) => {
      if (!reached) store.reachedEngine(id);
      reached = true;
      return dependencies.submit(window, signal);
    },
  };
}

function goingOn(finished: readonly FinishedWindow[]) {
  const last = finished.at(-1);
  return last ? { startAt: last.checkpoint } : {};
}

/** Channels come one after the other. */
function doneUntil(
  { channel, endMs }: { channel: number | null; endMs: number },
  { durationMs }: Pick<AudioFile, 'durationMs'>,
): number {
  if (durationMs === null) return endMs;
  return (channel ?? 0) * durationMs + Math.min(endMs, durationMs);
}
