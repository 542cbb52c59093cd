/** How a client's audio is encoded, as `start_transcription` names it. */
export interface AudioFormat {
  /** `auto` sniffs a container; raw formats need `sampleRate` and `channels`; else a container's name. */
  readonly format: string;
  /** Hertz; only for raw formats. @default 16000 */
  readonly sampleRate?: number | undefined;
  /** Only for raw formats. @default 1 */
  readonly channels?: number | undefined;
}

/**
 * Turns a client's bytes into 16 kHz mono s16 samples, for one session.
 *
 * Ready means ready: whoever created it may write at once. Failures reach the reader of `output`
 * as a `GatewayError` (`not_audio`, `container_too_large`, `decoder_crashed`, `decoder_stalled`).
 */
export interface Decoder {
  /**
   * Takes bytes, in order, of any size; they must not be changed afterwards. False asks the caller to
   * wait for `drained()` first.
   */
  write(bytes: Uint8Array): boolean;
  /** Resolves when more may be written, also when the decoder has ended. Never rejects. */
  drained(): Promise<void>;
  /** No more bytes: `output` ends once everything is decoded. Idempotent. */
  end(): void;
  /** Decoded samples, in pieces of any size; may be read once. Not reading it slows `write` down. */
  readonly output: AsyncIterable<Int16Array>;
  /** Ends everything at once and resolves when no process is left. Idempotent. Never rejects. */
  close(): Promise<void>;
}

/** Creates a session's decoder; rejects with `bad_field`, `decoder_crashed` or the signal's reason. */
export type CreateDecoder = (audio: AudioFormat, signal: AbortSignal) => Promise<Decoder>;
