import type { AudioFormat } from '../audio-clock.js';
import { ClientError } from '../client-error.js';
import { Emitter } from '../emitter.js';
import type { Capture } from './capture.js';
import { capturePcm } from './capture-pcm.js';
import { captureRecorded } from './capture-recorded.js';
import { assertCanRecord, microphoneError } from './microphone-error.js';

export interface MicrophoneOptions {
  /** Of `listMicrophones`; the browser's choice by default. */
  readonly deviceId?: string | undefined;
  /** `pcm` by AudioWorklet, `recorder` by MediaRecorder. @default pcm where there is one */
  readonly capture?: 'pcm' | 'recorder';
  /** Where pcm-processor.js lies, if a bundler does not move it along by itself. */
  readonly processorUrl?: string | URL;
  /** @default true for each */
  readonly echoCancellation?: boolean;
  readonly noiseSuppression?: boolean;
  readonly autoGainControl?: boolean;
}

export interface MicrophoneEvents {
  audio: Uint8Array;
  /** How loud it is, 0 (silence) … 1, on a scale as ears have it. */
  level: number;
  /** It was unplugged, or taken away. */
  lost: ClientError;
}

/** What is as quiet as nothing, in decibels below the loudest. */
const floorDecibels = -60;

/** An open microphone. Audio flows from its opening until `close()`. */
export class Microphone extends Emitter<MicrophoneEvents> {
  readonly label: string;
  readonly deviceId: string | undefined;
  readonly #stream: MediaStream;
  #capture: Capture | undefined;
  #closed: Promise<void> | undefined;

  private constructor(stream: MediaStream) {
    super();
    const [track] = stream.getAudioTracks();
    this.#stream = stream;
    this.label = track?.label ?? '';
    this.deviceId = track?.getSettings().deviceId;
    track?.addEventListener('ended', () => {
      this.emit('lost', new ClientError('microphone_lost', 'The microphone is gone.'));
    });
  }

  /**
   * Asks for permission where it is needed.
   * @throws ClientError `insecure_context`, `not_supported`, `permission_denied`, `no_microphone` or
   *   `microphone_busy`.
   */
  static async open(options: MicrophoneOptions = {}): Promise<Microphone> {
    assertCanRecord();
    let stream: MediaStream | undefined;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ audio: constraints(options) });
      const microphone = new Microphone(stream);
      microphone.#capture = await microphone.#start(options);
      return microphone;
    } catch (error) {
      for (const track of stream?.getTracks() ?? []) track.stop();
      throw microphoneError(error);
    }
  }

  /** How its audio is encoded; what a session has to be told. */
  get format(): AudioFormat {
    return this.#capture?.format ?? { format: 'auto' };
  }

  /** Begins a new container, where it gives one. */
  restart(): void {
    this.#capture?.restart();
  }

  /** Idempotent. Resolves when the last `audio` was told. Never rejects. */
  close(): Promise<void> {
    this.#closed ??= this.#capture?.close();
    this.#capture = undefined;
    for (const track of this.#stream.getTracks()) track.stop();
    return this.#closed ?? Promise.resolve();
  }

  async #start({ capture, processorUrl }: MicrophoneOptions): Promise<Capture> {
    const listener = {
      audio: (bytes: Uint8Array) => this.emit('audio', bytes),
      level: (rms: number) => this.emit('level', toLoudness(rms)),
    };
    const canPcm = typeof AudioWorkletNode === 'function';
    if (capture === 'recorder' || !canPcm) return captureRecorded(this.#stream, listener);
    const url = processorUrl ?? new URL('./pcm-processor.js', import.meta.url);
    return capturePcm(this.#stream, listener, url);
  }
}

/** The microphones that there are. Their names are empty until one was allowed. */
export async function listMicrophones(): Promise<readonly MediaDeviceInfo[]> {
  const devices = (await navigator.mediaDevices?.enumerateDevices()) ?? [];
  return devices.filter(({ kind, deviceId }) => kind === 'audioinput' && deviceId !== '');
}

function constraints(options: MicrophoneOptions): MediaTrackConstraints {
  const { deviceId, echoCancellation, noiseSuppression, autoGainControl } = options;
  return {
    ...(deviceId && { deviceId: { exact: deviceId } }),
    channelCount: 1,
    echoCancellation: echoCancellation ?? true,
    noiseSuppression: noiseSuppression ?? true,
    autoGainControl: autoGainControl ?? true,
  };
}

function toLoudness(rms: number): number {
  const decibels = 20 * Math.log10(Math.max(rms, 1e-6));
  return Math.min(1, Math.max(0, 1 - decibels / floorDecibels));
}
