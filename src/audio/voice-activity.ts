/** Samples in one frame of voice activity: 32 ms at 16 kHz, fixed by the Silero model. */
export const frameSamples = 512;

/** Speech or not, frame by frame, for one session. Carries the model's state from call to call. */
export interface VoiceActivity {
  /**
   * Speech probability (0 … 1) of each 512-sample frame of `pcm` (16 kHz mono s16).
   * @param pcm A whole number of frames.
   * @throws GatewayError `voice_activity_failed` when no worker could answer.
   */
  probabilities(pcm: Int16Array): Promise<Float32Array>;
  /** Gives the session's state back. Idempotent. Never rejects. */
  close(): Promise<void>;
}

/** Opens voice activity for one session. */
export type CreateVoiceActivity = () => Promise<VoiceActivity>;
