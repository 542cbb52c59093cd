export type {
  Admin,
  DeviceMemory,
  Draining,
  LaneStats,
  ModelStats,
  RecentError,
  SessionStats,
  Stats,
} from './admin.js';
export type { AudioFormat } from './audio-clock.js';
export { defaultReconnect, type ReconnectPolicy } from './backoff.js';
export { addCaption, type CaptionLog, emptyLog } from './caption-log.js';
export { ClientError, type ClientErrorCode } from './client-error.js';
export type { Endpoint, Token, WebSocketClass } from './endpoint.js';
export {
  type CaptionFormat,
  captionFormats,
  formatCaptions,
  type WrittenCaption,
} from './format-captions.js';
export { createClient, type GatewayClient, type Health, type Model } from './gateway-client.js';
export type { Job, JobEvent, JobFormat, JobList, JobState } from './job.js';
export { JobFollower, type JobFollowerEvents } from './job-follower.js';
export type { Jobs } from './jobs.js';
export {
  type LiveEnd,
  type LiveEvents,
  type LiveOptions,
  LiveSession,
  type LiveState,
  type StartFields,
} from './live-session.js';
export { type Listening, listen } from './microphone/listen.js';
export {
  listMicrophones,
  Microphone,
  type MicrophoneEvents,
  type MicrophoneOptions,
} from './microphone/microphone.js';
export type {
  Caption,
  Final,
  FinalWord,
  Ledger,
  Partial,
  RoomEvent,
  RoomSession,
  RoomSnapshot,
  ServerEvent,
} from './protocol.js';
export type { Gap } from './recording.js';
export { type RoomEvents, RoomViewer } from './room-viewer.js';
export type { CreatedToken, Scope, TokenRequest } from './tokens.js';
export type {
  FileTranscript,
  TranscribedSegment,
  TranscribedWord,
  TranscriptionEvent,
  TranscriptionOptions,
} from './transcriptions.js';
export type { UploadOptions } from './upload.js';
