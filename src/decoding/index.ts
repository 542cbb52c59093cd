export { type Rung, rungs, type SpeechOptions } from './decode-options.js';
export {
  type DecodedWindow,
  type DecodeRequest,
  decodeWindow,
  decodeWithDoubt,
  type SubmitWindow,
} from './decode-window.js';
export { doubtfulLogprob, SpokenLanguage, sureProbability } from './spoken-language.js';
