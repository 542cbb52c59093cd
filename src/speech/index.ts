export { type AudioFormat, audioFormats, encodings } from './audio-format.js';
export { createSpeechEngines } from './create-speech-engines.js';
export type { Voice } from './speech-engine.js';
export {
  type SpeechHooks,
  type SpeechRequest,
  SpeechService,
  type SpokenFile,
} from './speech-service.js';
