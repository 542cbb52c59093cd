export {
  type ProcessSegment,
  postProcessTranscript,
  segmentProcessing,
} from './post-process-transcript.js';
export { asHeard, createPostProcessor, type PostProcessor } from './post-processor.js';
export {
  type ChoosePostProcessor,
  openPostProcessing,
  type PostProcessing,
  type SettledRules,
} from './profiles.js';
export { type TextState, UtteranceText } from './utterance-text.js';
export type { WordContext, WordHook } from './word-hook.js';
