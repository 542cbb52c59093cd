export { type ChineseScript, inScript } from './chinese-script.js';
export type { Agreement } from './local-agreement.js';
export type { Revision } from './revisions.js';
export { type HypothesisText, speechWords } from './speech-words.js';
export { beforeLoop, meanLogprob, type Suspicion, suspicionOf, withoutLoops } from './suspicion.js';
export { type FinalText, UtteranceTranscript } from './utterance-transcript.js';
export { joinWords, moveWords, type TimedWord } from './words.js';
