export type { UploadLimits } from './receive-upload.js';
export { type TranscriptionSource, transcriptionRoutes } from './transcription-routes.js';
