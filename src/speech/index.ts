export { type AudioFormat, audioFormats, encodings } from './audio-format.js';
export { createSpeechEngines } from './create-speech-engines.js';
export { defaultSpeechAlias } from './openai-voices.js';
export type { Casting, Speaker, SpeechEngine, Voice } from './speech-engine.js';
export {
  type SpeechEngines,
  type SpeechHooks,
  type SpeechRequest,
  SpeechService,
  type SpokenFile,
} from './speech-service.js';
