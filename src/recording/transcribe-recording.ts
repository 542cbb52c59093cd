import {
  type AudioFile,
  type CreateVoiceActivity,
  type PackedWindow,
  type PackerOptions,
  samplesToMs,
  type VoiceActivity,
} from '../audio/index.js';
import type { SpeechOptions, SubmitWindow } from '../decoding/index.js';
import { GatewayError } from '../errors/index.js';
import type { LeaseModel, ModelLease } from '../models/index.js';
import type { Checkpoint, RecordingEvent } from './events.js';
import { finishWindows } from './finish-windows.js';
import { inOrder } from './in-order.js';
import { readWindows, type Silence } from './read-windows.js';
import { type HeardWindow, RecordingDecoder } from './recording-decoder.js';

/** What is transcribed: an `AudioFile`. */
export type Recording = Pick<AudioFile, 'channels' | 'decode'>;

export interface RecordingDependencies {
  readonly createVoiceActivity: CreateVoiceActivity;
  readonly submit: SubmitWindow;
  /** Keeps the model loaded meanwhile. Without it windows go to whatever the engine has. */
  readonly leaseModel?: (...asked: Parameters<LeaseModel>) => Promise<ModelLease>;
  /** Inferences that may run at the same time; asked before each window. */
  readonly slots: () => number;
  /** Called as a recording begins; told its end, `done` or the code of what ended it. */
  readonly follow?: (id: string) => { end(outcome: string): void };
}

export interface RecordingOptions extends SpeechOptions, PackerOptions {
  /** Names the work to the scheduler. */
  readonly id: string;
  /** For whom: turns are shared fairly among those. */
  readonly tenant?: string | undefined;
  /** Name of the model. @default the one that is the default when it begins */
  readonly model?: string | undefined;
  /** All channels as one, or one after the other. */
  readonly channels: 'mixed' | 'split';
  /** Longer audio fails with `audio_too_long`. @default unlimited */
  readonly maxDurationMs?: number;
  /** The checkpoint of the last window that was finished, of the same file with the same options. */
  readonly startAt?: Checkpoint;
  readonly signal?: AbortSignal;
}

/** What the settings say about every recording. */
export type RecordingDefaults = PackerOptions & Pick<SpeechOptions, 'hotwords' | 'chineseScript'>;

/** Windows that wait beside those in the engine, so that no slot is ever idle. */
const spareWindows = 1;

/**
 * Transcribes a stored recording: voice activity packs its speech into windows, the engine decodes as many at
 * a time as it has slots, and the results come in order, each as soon as it is final. The audio is read as it
 * is needed: of an hour, no more is in memory than the windows on their way.
 *
 * Ending the iteration early, or aborting, ends the decoder and the windows on their way.
 * @throws GatewayError `cancelled`, `audio_too_long`, or what the decoder, voice activity or the scheduler
 *   says; or what `LeaseModel` says before the first event. What was finished before stays valid: go on behind it with its checkpoint.
 */
export async function* transcribeRecording(
  file: Recording,
  deps: RecordingDependencies,
  options: RecordingOptions,
): AsyncGenerator<RecordingEvent, void, undefined> {
  const over = new AbortController();
  const cancel = () => over.abort();
  options.signal?.addEventListener('abort', cancel);
  const submitted = new Set<Promise<unknown>>();
  let lease: ModelLease | undefined;
  const submit: SubmitWindow = (window, signal) => {
    const named = lease ? { ...window, model: lease.model } : window;
    const answer = deps.submit({ ...named, tenant: options.tenant }, signal);
    submitted.add(answer);
    const settled = () => submitted.delete(answer);
    answer.then(settled, settled);
    return answer;
  };
  const followed = deps.follow?.(options.id);
  // Whoever stops reading has cancelled it.
  let outcome: string = 'cancelled';
  let durationMs = 0;
  try {
    const { leaseModel } = deps;
    if (leaseModel) lease = await leaseModel(options.model, { signal: over.signal });
    for (const channel of channelsOf(file, options)) {
      if (options.signal?.aborted) throw new GatewayError('cancelled');
      const parts = { ...deps, submit };
      durationMs = yield* transcribeChannel(channel, file, parts, options, over.signal);
    }
    outcome = 'done';
    yield { kind: 'end', durationMs };
  } catch (error) {
    outcome = options.signal?.aborted ? 'cancelled' : GatewayError.from(error).code;
    // An aborted decoder just ends, and what an aborted process says concerns nobody.
    throw options.signal?.aborted ? new GatewayError('cancelled') : error;
  } finally {
    options.signal?.removeEventListener('abort', cancel);
    over.abort();
    await Promise.allSettled(submitted);
    lease?.release();
    followed?.end(outcome);
  }
}

/** The channels that are still to be transcribed. */
function channelsOf(file: Recording, { channels, startAt }: RecordingOptions): (number | null)[] {
  if (channels === 'mixed' || file.channels === 1) return [null];
  const all = Array.from({ length: file.channels }, (_, channel) => channel);
  return all.slice(startAt?.channel ?? 0);
}

/** @returns The length of the audio in milliseconds. */
async function* transcribeChannel(
  channel: number | null,
  file: Recording,
  deps: RecordingDependencies,
  options: RecordingOptions,
  signal: AbortSignal,
): AsyncGenerator<RecordingEvent, number> {
  const startAt = options.startAt?.channel === channel ? options.startAt : undefined;
  const { maxDurationMs = Number.POSITIVE_INFINITY } = options;
  const recording = new RecordingDecoder({
    id: options.id,
    submit: deps.submit,
    speech: options,
    settledLanguage: startAt?.language ?? null,
    signal,
  });
  const decoder = file.decode(channel);
  const close = () => void decoder.close();
  signal.addEventListener('abort', close);
  let voiceActivity: VoiceActivity | undefined;
  let durationMs = 0;
  try {
    voiceActivity = await deps.createVoiceActivity();
    const windows = readWindows(decoder, voiceActivity, {
      speechThreshold: options.speechThreshold,
      maxWindowMs: options.maxWindowMs,
      start: { at: startAt?.at ?? 0, speaking: Boolean(startAt?.overlap) },
      onDecoded: (samples) => {
        durationMs = samplesToMs(samples);
        if (durationMs > maxDurationMs) throw new GatewayError('audio_too_long');
      },
    });
    const limit = () => (recording.language === null ? 1 : deps.slots() + spareWindows);
    const results = inOrder(windows, limit, (item) => decodeUnlessSilent(recording, item));
    yield* finishWindows(recording.inItsLanguage(results), {
      channel,
      overlap: startAt?.overlap ?? null,
      language: () => recording.language,
    });
    if (signal.aborted) throw new GatewayError('cancelled');
    return durationMs;
  } finally {
    signal.removeEventListener('abort', close);
    await Promise.all([decoder.close(), voiceActivity?.close()]);
  }
}

async function decodeUnlessSilent(
  recording: RecordingDecoder,
  item: PackedWindow | Silence,
): Promise<HeardWindow | Silence> {
  return 'silentUntil' in item ? item : recording.decode(item);
}
