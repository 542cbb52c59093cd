import { randomUUID } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { AudioFile, type FfmpegOptions } from '../audio/index.js';
import { GatewayError } from '../errors/index.js';
import { Admission, type AdmissionLimits, type Place } from './admission.js';
import type { RecordingEvent } from './events.js';
import {
  type RecordingDefaults,
  type RecordingDependencies,
  type RecordingOptions,
  transcribeRecording,
} from './transcribe-recording.js';

export interface RecordingServiceOptions extends AdmissionLimits {
  readonly dependencies: RecordingDependencies;
  readonly defaults: RecordingDefaults;
  readonly file: FfmpegOptions;
  /** Longest audio, whatever the size of its file. */
  readonly maxDurationMs: number;
}

/** What one request asks for. */
export type RecordingRequest = Pick<
  RecordingOptions,
  'language' | 'task' | 'prompt' | 'channels' | 'model' | 'tenant'
> & {
  /** In place of the setting. */
  readonly speechThreshold?: number | undefined;
};

/** A request that was let in. */
export interface AdmittedRecording {
  /** Aborted where the client left, or the gateway cannot wait any longer. */
  readonly signal: AbortSignal;
  /**
   * Transcribes a stored file when it is this one's turn, and closes it. Its place is free afterwards.
   * @throws GatewayError of the file, of `transcribeRecording`, or `server_draining`.
   */
  transcribe(file: FileHandle, request: RecordingRequest): AsyncGenerator<RecordingEvent>;
  /** Gives the place up; needed where nothing was transcribed. Idempotent. */
  leave(): void;
}

/** When a client that was turned away should ask again, of another gateway or of this one. */
const retryAfterMs = 1_000;

/** Transcribes stored files for many at once: so many at a time, while so many more wait. */
export class RecordingService {
  /** Whether further files are let in. Those there are go on either way. */
  accepting = true;
  readonly #options: RecordingServiceOptions;
  readonly #admission: Admission;
  readonly #closing = new AbortController();

  constructor(options: RecordingServiceOptions) {
    this.#options = options;
    this.#admission = new Admission(options);
  }

  /**
   * Lets a request in before its file has arrived.
   * @param left Aborted when nobody waits for it any more.
   * @throws GatewayError `too_many_transcriptions` or `server_draining`.
   */
  admit(left: AbortSignal): AdmittedRecording {
    if (!this.accepting) throw new GatewayError('server_draining', { retryAfterMs });
    const place = this.#admission.enter();
    const signal = AbortSignal.any([left, this.#closing.signal]);
    return {
      signal,
      transcribe: (file, request) => this.#transcribe(place, file, request, signal),
      leave: place.leave,
    };
  }

  /** Files that are transcribed, arrive or wait. */
  get size(): number {
    return this.#admission.active + this.#admission.waiting;
  }

  /** Lets nobody in any more and finishes what there is, within `timeoutMs`. Idempotent. Never rejects. */
  async drain(timeoutMs: number): Promise<void> {
    const late = setTimeout(() => this.#closing.abort(), timeoutMs);
    await this.#admission.drain();
    clearTimeout(late);
  }

  async *#transcribe(
    place: Place,
    handle: FileHandle,
    request: RecordingRequest,
    signal: AbortSignal,
  ): AsyncGenerator<RecordingEvent> {
    const { dependencies, defaults, maxDurationMs, file: fileOptions } = this.#options;
    const { speechThreshold = defaults.speechThreshold } = request;
    try {
      await place.turn(signal);
      const file = await AudioFile.open(handle, fileOptions, signal);
      try {
        const id = randomUUID();
        const options = { ...defaults, ...request, speechThreshold, id, maxDurationMs, signal };
        for await (const event of transcribeRecording(file, dependencies, options)) {
          if (event.kind === 'end' && event.durationMs === 0) throw new GatewayError('not_audio');
          yield event;
        }
      } finally {
        await file.close();
      }
    } catch (error) {
      throw this.#closing.signal.aborted ? new GatewayError('server_draining') : error;
    } finally {
      // Closing it twice is harmless; not every failure above has done so.
      await handle.close().catch(() => {});
      place.leave();
    }
  }
}
