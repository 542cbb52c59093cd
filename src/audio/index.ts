export {
  Chunker,
  type ChunkerEvent,
  type ChunkerOptions,
  type FinalCause,
  type UtteranceWindow,
} from './chunker.js';
export { createDecoderFactory } from './create-decoder-factory.js';
export type { AudioFormat, CreateDecoder, Decoder } from './decoder.js';
export { findFfmpeg } from './ffmpeg-path.js';
export { concatPcm, msToSamples, sampleRate, samplesToMs, toFloat32 } from './pcm.js';
export { type CreateVoiceActivity, frameSamples, type VoiceActivity } from './voice-activity.js';
