import { AudioFile, type DecoderLog, type FfmpegOptions } from '../audio/index.js';
import { GatewayError } from '../errors/index.js';
import {
  type FinishedWindow,
  type RecordingDefaults,
  type RecordingDependencies,
  transcribeRecording,
} from '../recording/index.js';
import type { Job } from './job.js';
import type { StartedJob } from './job-store.js';
import { notedDependencies } from './noted-dependencies.js';

/** What transcribes. */
export interface Transcriber {
  readonly dependencies: RecordingDependencies;
  /** What files are decoded with. */
  readonly file: FfmpegOptions;
  readonly defaults: RecordingDefaults;
}

export interface TranscribeJobOptions {
  readonly transcriber: Transcriber;
  /** Where the file lies. */
  readonly path: string;
  /** Longest audio. */
  readonly maxAudioMs: number;
  /**
   * More of the audio is dealt with.
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
  started: StartedJob,
  { transcriber, path, maxAudioMs, onProgress, signal, log }: TranscribeJobOptions,
): Promise<number> {
  const { job } = started;
  const { id, options, owner } = job;
  const file = await AudioFile.open(path, { ...transcriber.file, log }, signal);
  try {
    if (signal.aborted) throw new GatewayError('cancelled');
    await started.probed(file.durationMs, file.channels);
    const finished = await started.windows();
    const dependencies = notedDependencies(transcriber.dependencies, {
      onModel: async (model) => {
        if (signal.aborted) throw new GatewayError('cancelled');
        await started.usesModel(model);
      },
      onFirstWindow: () => started.reachedEngine(),
    });
    const events = transcribeRecording(file, dependencies, {
      ...transcriber.defaults,
      ...options,
      tenant: owner ?? undefined,
      model: modelOf(job, finished),
      id,
      maxDurationMs: maxAudioMs,
      signal,
      ...goingOn(finished),
    });
    for await (const event of events) {
      if (signal.aborted) throw new GatewayError('cancelled');
      if (event.kind === 'end') return event.durationMs;
      const done = doneUntil(event, file);
      if (event.kind === 'window') await started.addWindow(event, done);
      onProgress(done, event.kind === 'window');
    }
    // The generator always says its end.
    throw new GatewayError('internal_error');
  } finally {
    await file.close();
  }
}

/** What was finished with one model is not continued with another, whatever the default is by now. */
function modelOf({ model, options }: Job, finished: readonly FinishedWindow[]): string {
  return finished.length > 0 && model !== null ? model : options.model;
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
