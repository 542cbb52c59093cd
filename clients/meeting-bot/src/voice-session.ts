import {
  type ClientError,
  defaultReconnect,
  type Final,
  type GatewayClient,
  type LiveSession,
  type StartFields,
} from '../../js/src/index.js';
import { limits } from './limits.js';

const samplesPerMs = 16;
const audio = { format: 'pcm_s16le', sample_rate: 16_000, channels: 1 } as const;
/** The meeting goes on whether or not the gateway is there. */
const reconnect = { ...defaultReconnect, attempts: Number.POSITIVE_INFINITY };

/** Audio of one voice; `atMs` is when its first sample was heard, on the clock of the meeting. */
export interface VoiceBlock {
  readonly atMs: number;
  readonly samples: Int16Array;
}

/** Times are on the clock of the meeting, but for those in a final, which count from `offsetMs`. */
export interface VoiceListener {
  final(speaker: string, offsetMs: number, final: Final): void;
  /** A stretch that was not written down. */
  lost(speaker: string, startMs: number, endMs: number): void;
  /** The gateway cannot be used; null: it can, which is told after every connection. */
  connection(speaker: string, problem: ClientError | null): void;
}

/** One session with the gateway, and where it lies on the clock of the meeting. */
export class VoiceSession {
  readonly #live: LiveSession;
  readonly #startMs: number;
  #endMs: number;
  #failed = false;

  /** @param startMs When the first sample that is appended was heard. */
  constructor(
    client: GatewayClient,
    fields: StartFields & { readonly speaker: string },
    startMs: number,
    listener: VoiceListener,
  ) {
    const { speaker } = fields;
    const { maxHeldMs } = limits;
    this.#live = client.live({ ...fields, audio, reconnect, retryStart: true, maxHeldMs });
    this.#startMs = startMs;
    this.#endMs = startMs;
    let heardMs = startMs;
    this.#live.on('final', (final) => {
      heardMs = startMs + final.end_ms;
      listener.final(speaker, startMs, final);
    });
    this.#live.on('gap', ({ start_ms, end_ms }) =>
      listener.lost(speaker, startMs + start_ms, startMs + end_ms),
    );
    this.#live.on('state', (state) => {
      if (state.name === 'reconnecting') listener.connection(speaker, state.error);
      if (state.name !== 'failed') return;
      this.#failed = true;
      if (this.#endMs > heardMs) listener.lost(speaker, heardMs, this.#endMs);
      if (state.error.code !== 'closed') listener.connection(speaker, state.error);
    });
    this.#live.on('transcription_started', () => listener.connection(speaker, null));
    // Why it failed was told as a state.
    this.#live.start().catch(() => {});
  }

  /** Where the audio that it has ends. */
  get endMs(): number {
    return this.#endMs;
  }

  /** The gateway wants nothing more of it. */
  get failed(): boolean {
    return this.#failed;
  }

  /** Takes the next audio; what is missing before it is silence. */
  append({ atMs, samples }: VoiceBlock): void {
    // Counted from the start, so that roundings do not add up.
    const sent = Math.round((this.#endMs - this.#startMs) * samplesPerMs);
    const place = Math.round((atMs - this.#startMs) * samplesPerMs);
    if (place > sent) this.#live.send(new Uint8Array((place - sent) * 2));
    this.#live.send(new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength));
    this.#endMs = this.#startMs + (Math.max(place, sent) + samples.length) / samplesPerMs;
  }

  /** Nothing more comes. Resolves when everything is in finals, or cannot be any more. */
  async stop(): Promise<void> {
    const late = setTimeout(() => this.close(), limits.lastWordsMs);
    await this.#live.stop().catch(() => {});
    clearTimeout(late);
  }

  /** Drops it. Idempotent. */
  close(): void {
    this.#live.close();
  }
}
