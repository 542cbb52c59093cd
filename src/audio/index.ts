export { AudioFile } from './audio-file.js';
export {
  Chunker,
  type ChunkerEvent,
  type ChunkerOptions,
  type FinalCause,
  type UtteranceWindow,
} from './chunker.js';
export { createDecoderFactory } from './create-decoder-factory.js';
export type { AudioFormat, CreateDecoder, Decoder } from './decoder.js';
export { drained } from './drained.js';
export { FfmpegChild, type FfmpegExit } from './ffmpeg-child.js';
export type { DecoderLog, FfmpegOptions } from './ffmpeg-decoder.js';
export { type FoundFfmpeg, findFfmpeg } from './ffmpeg-path.js';
export { concatPcm, msToSamples, sampleRate, samplesToMs, toFloat32 } from './pcm.js';
export { type RawLayout, rawLayout } from './raw-layout.js';
export { removeStoredStreams, storeStream } from './store-stream.js';
export { type CreateVoiceActivity, frameSamples, type VoiceActivity } from './voice-activity.js';
export {
  type PackedWindow,
  type PackerOptions,
  type PackerStart,
  WindowPacker,
} from './window-packer.js';
