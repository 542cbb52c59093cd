export type { UploadLimits } from './receive-upload.js';
export {
  type TranscriptionNames,
  type TranscriptionSource,
  transcriptionRoutes,
} from './transcription-routes.js';
