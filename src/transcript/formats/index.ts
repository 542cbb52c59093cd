export { type Cue, toCues } from './cues.js';
export {
  type FormatOptions,
  formatTranscript,
  type TranscriptFormat,
  transcriptFormats,
} from './format-transcript.js';
export { languageName } from './language-name.js';
export {
  toVerbose,
  type VerboseSegment,
  type VerboseTranscript,
  type VerboseWord,
} from './verbose-json.js';
export { writeVtt } from './vtt.js';
