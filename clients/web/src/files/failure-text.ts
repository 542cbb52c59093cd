import { type TextKey, t } from '../i18n/index.js';

/** Codes of the gateway, and whose words they share. */
const texts: Readonly<Record<string, TextKey>> = {
  not_audio: 'fail_not_audio',
  no_audio_track: 'fail_no_audio',
  file_unreadable: 'fail_not_audio',
  audio_too_long: 'fail_too_long',
  upload_too_large: 'fail_too_large',
  body_too_large: 'fail_too_large',
  upload_timeout: 'fail_slow',
  bad_upload: 'fail_slow',
  disk_full: 'fail_disk',
  queue_full: 'fail_queue_full',
  jobs_unavailable: 'fail_no_jobs',
  unknown_language: 'fail_language',
  model_not_found: 'fail_model',
  not_found: 'fail_gone',
  job_deadly: 'fail_deadly',
  connection_failed: 'fail_connection',
  connection_lost: 'fail_connection',
  server_draining: 'fail_connection',
  engine_unavailable: 'fail_engine',
  engine_died: 'fail_engine',
  engine_timeout: 'fail_engine',
  engine_out_of_memory: 'fail_engine',
  inference_failed: 'fail_engine',
  decoder_crashed: 'fail_decoder',
  decoder_stalled: 'fail_decoder',
  decoder_unavailable: 'fail_no_decoder',
};

/** What went wrong, in plain words; the gateway's own sentence where we have none. */
export function failureText({
  code,
  message,
}: {
  readonly code: string;
  readonly message: string;
}) {
  const key = texts[code];
  return key ? t(key) : `${message} (${code})`;
}
