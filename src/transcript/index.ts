export { type ChineseScript, inScript } from './chinese-script.js';
export {
  type Cue,
  type FormatOptions,
  formatTranscript,
  languageName,
  type TranscriptFormat,
  toCues,
  toVerbose,
  transcriptFormats,
  type VerboseTranscript,
  writeVtt,
} from './formats/index.js';
export type { Agreement, AgreementState } from './local-agreement.js';
export { type Retracted, retractedWords, type Shown } from './retracted-words.js';
export { type Revision, revisions } from './revisions.js';
export { type HeardWords, type TranscriptSegment, toSegments } from './segments.js';
export { type HypothesisText, speechWords } from './speech-words.js';
export { type Stitched, stitchWords } from './stitch-words.js';
export { beforeLoop, meanLogprob, type Suspicion, suspicionOf, withoutLoops } from './suspicion.js';
export { type Transcript, transcriptText } from './transcript.js';
export { type FinalText, type Trimming, UtteranceTranscript } from './utterance-transcript.js';
export { inOrder } from './word-times.js';
export { joinWords, moveWords, type TimedWord, withoutTrailingPunctuation } from './words.js';
