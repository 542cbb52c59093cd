import { integer, optionalText } from './option-fields.js';

/** Uploaded files. */
export const uploadOptions = {
  maxUploadBytes: integer(
    'MAX_UPLOAD_BYTES',
    1_073_741_824,
    1_024,
    1_099_511_627_776,
    'Largest file in bytes that may be uploaded; a larger one is refused with upload_too_large.',
  ),
  maxAudioMs: integer(
    'MAX_AUDIO_MS',
    43_200_000,
    1_000,
    2_147_483_647,
    'Longest audio in an uploaded file in milliseconds, whatever its size; beyond it the request fails with audio_too_long.',
  ),
  uploadTimeoutMs: integer(
    'UPLOAD_TIMEOUT_MS',
    900_000,
    100,
    86_400_000,
    'Longest time in milliseconds for an upload to arrive.',
  ),
  uploadStallMs: integer(
    'UPLOAD_STALL_MS',
    20_000,
    100,
    3_600_000,
    'Milliseconds in which nothing of an upload may arrive before it is refused, and in which nothing of an answer may be taken.',
  ),
  uploadDir: optionalText(
    'UPLOAD_DIR',
    "Folder for files while they are transcribed. Unset: the system's folder for temporary files.",
  ),
  maxTranscriptions: integer(
    'MAX_TRANSCRIPTIONS',
    8,
    1,
    1_000,
    'Uploaded files that are transcribed at the same time; they share the slots.',
  ),
  maxWaitingTranscriptions: integer(
    'MAX_WAITING_TRANSCRIPTIONS',
    64,
    0,
    10_000,
    'Requests whose files may arrive or wait beside these; the next one is refused with too_many_transcriptions.',
  ),
};
