export type { UploadLimits } from './receive-upload.js';
export {
  type ModelNames,
  type TranscriptionSource,
  transcriptionRoutes,
} from './transcription-routes.js';
