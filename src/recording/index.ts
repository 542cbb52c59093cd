export type { Checkpoint, FinishedWindow, Overlap, RecordingEvent } from './events.js';
export {
  type AdmittedRecording,
  type RecordingRequest,
  RecordingService,
  type RecordingServiceOptions,
} from './recording-service.js';
export { collectTranscript, toTranscript } from './to-transcript.js';
export {
  type Recording,
  type RecordingDefaults,
  type RecordingDependencies,
  type RecordingOptions,
  transcribeRecording,
} from './transcribe-recording.js';
