/**
 * What one error code means to everybody who meets it.
 *
 * `status` is the HTTP status, `close` the WebSocket close code that follows where the error is
 * fatal to a session, `retryable` tells whether the same request may succeed later.
 */
export interface ErrorEntry {
  readonly status: number;
  readonly close: number;
  readonly retryable: boolean;
  readonly message: string;
}

/**
 * Every error of the product. Codes are matched, messages are for people.
 * `docs/errors.md` is generated from this table and a test compares the two.
 */
export const catalog = {
  // What a client sent.
  bad_message: entry(400, 4400, false, 'A text frame has to be one JSON object with a "type".'),
  bad_field: entry(400, 4400, false, 'A field of this message has the wrong type or value.'),
  not_started: entry(
    409,
    4400,
    false,
    'Audio came before start_transcription. Send start_transcription first.',
  ),
  session_stopped: entry(
    409,
    1000,
    false,
    'This session has stopped and stays stopped. Open a new connection to start another.',
  ),
  frame_too_big: entry(413, 1009, false, 'A frame is larger than max_frame_bytes.'),
  resume_unknown: entry(
    404,
    4400,
    false,
    'This gateway does not know the session to resume. Start a new one.',
  ),
  session_taken_over: entry(409, 4409, false, 'Another connection goes on with this session.'),
  invalid_api_key: entry(401, 4401, false, 'A valid API key is needed.'),
  insufficient_scope: entry(403, 4403, false, 'This key may not do this.'),
  room_not_allowed: entry(403, 4403, false, 'This token is for another room.'),
  origin_not_allowed: entry(
    403,
    4403,
    false,
    'Pages of this site may not use this gateway: see ALLOWED_ORIGINS.',
  ),
  rate_limit_exceeded: entry(429, 4429, true, 'There were too many requests.'),
  insufficient_quota: entry(429, 4429, true, 'What may be had in a day has been had.'),
  access_unavailable: entry(503, 1011, true, 'The keys of this gateway cannot be read.'),
  idle_timeout: entry(408, 4408, true, 'Nothing was received for too long.'),
  sent_too_fast: entry(
    429,
    1008,
    true,
    'Audio was sent faster than it can be taken, and the limit of what is kept was passed.',
  ),
  slow_reader: entry(
    408,
    1008,
    true,
    'Events were not read fast enough, and the limit for unread events was passed.',
  ),
  too_many_connections: entry(
    429,
    4429,
    true,
    'This gateway already serves as many connections as it is set to.',
  ),
  overloaded: entry(
    503,
    4503,
    true,
    'This gateway has as much to do as it can: with one more session captions would come late for all.',
  ),
  bad_request: entry(400, 4400, false, 'The address of this request cannot be read.'),
  too_many_rooms: entry(429, 4429, true, 'As many rooms are in use as this gateway is set to.'),
  too_many_viewers: entry(429, 4429, true, 'As many watch this room as this gateway is set to.'),
  not_found: entry(404, 4400, false, 'There is nothing at this address.'),
  method_not_allowed: entry(
    405,
    4400,
    false,
    'This address is asked by another method: Allow says which.',
  ),
  body_too_large: entry(413, 1009, false, 'The body is larger than is accepted.'),
  not_json: entry(415, 4400, false, 'The body has to be application/json.'),
  bad_upload: entry(400, 4400, false, 'The body is no complete multipart/form-data with one file.'),
  not_multipart: entry(415, 4400, false, 'The body has to be multipart/form-data.'),
  upload_too_large: entry(413, 1009, false, 'The upload is larger than MAX_UPLOAD_BYTES.'),
  upload_timeout: entry(408, 4408, true, 'The upload did not arrive in time.'),
  too_many_transcriptions: entry(
    429,
    4429,
    true,
    'This gateway is already transcribing as many files as it is set to, and as many wait.',
  ),
  tls_unreadable: entry(500, 1011, false, 'TLS_CERT or TLS_KEY cannot be read.'),
  stream_server_unavailable: entry(500, 1011, false, 'The server for sockets cannot be started.'),
  tls_invalid: entry(500, 1011, false, 'TLS_CERT and TLS_KEY are no certificate and its key.'),
  server_draining: entry(503, 1001, true, 'This gateway is shutting down and takes no new work.'),

  // Audio.
  not_audio: entry(415, 1003, false, 'This is not audio that can be decoded.'),
  no_audio_track: entry(422, 1003, false, 'There is no audio track in this file.'),
  file_unreadable: entry(400, 4400, false, 'This file cannot be read.'),
  audio_too_long: entry(413, 1009, false, 'This audio is longer than is accepted.'),
  container_too_large: entry(
    413,
    1003,
    false,
    'This container keeps its index at the end, and is larger than can be collected first.',
  ),
  decoder_unavailable: entry(503, 1011, false, 'No ffmpeg works here.'),
  decoder_crashed: entry(500, 1011, true, 'The audio decoder ended unexpectedly.'),
  decoder_stalled: entry(500, 1011, true, 'The audio decoder stopped taking audio.'),
  voice_activity_failed: entry(500, 1011, true, 'Voice activity detection failed.'),

  // Inference.
  queue_full: entry(503, 4503, true, 'Too much work is waiting.'),
  superseded: entry(409, 1011, false, 'A newer window of the same session replaced this one.'),
  stale: entry(
    409,
    1011,
    false,
    'This window waited so long for a slot that nobody needs it any more.',
  ),
  cancelled: entry(499, 1000, false, 'The work was cancelled.'),
  engine_unavailable: entry(503, 4503, true, 'No inference worker is ready.'),
  engine_died: entry(503, 1011, true, 'The inference worker ended unexpectedly.'),
  engine_timeout: entry(504, 1011, true, 'The inference worker did not answer in time.'),
  engine_out_of_memory: entry(503, 4503, true, 'The inference worker ran out of memory.'),
  inference_failed: entry(500, 1011, true, 'The model failed on this audio.'),
  invalid_argument: entry(400, 1011, false, 'The engine was called with an unusable value.'),
  window_too_large: entry(
    413,
    1011,
    false,
    'This window is larger than NATS lets through: its max_payload has to be raised.',
  ),
  unknown_language: entry(400, 4400, false, 'The model does not know this language.'),
  model_not_found: entry(404, 4400, false, 'There is no model of this name.'),
  model_corrupt: entry(500, 1011, false, 'The model file is damaged or is not a model.'),
  model_load_failed: entry(503, 1011, true, 'The model could not be loaded.'),
  model_too_large: entry(
    507,
    1011,
    false,
    'This model needs more memory than all models and voices may take.',
  ),
  memory_budget_exceeded: entry(
    503,
    4503,
    true,
    'There is no memory for this model while others are in use.',
  ),
  model_in_use: entry(
    409,
    4400,
    true,
    'This model is in use, or is the default that stays loaded. It cannot be unloaded now.',
  ),
  model_unsupported: entry(415, 1011, false, 'This file is not a model that the engine reads.'),
  model_exists: entry(409, 4400, false, 'There is a model of this name already.'),
  model_download_failed: entry(502, 1011, true, 'The model could not be downloaded.'),
  disk_full: entry(507, 1011, true, 'There is not enough free disk space.'),
  backend_unavailable: entry(503, 1011, false, 'The native addon could not be loaded.'),

  // Speech.
  speech_busy: entry(429, 4429, true, 'As many texts are being spoken as this gateway is set to.'),
  speech_failed: entry(500, 1011, true, 'The text could not be spoken.'),
  speech_unavailable: entry(503, 1011, false, 'What this voice needs is not installed.'),

  // Jobs.
  job_open: entry(409, 4400, true, 'This job has not ended yet.'),
  job_ended: entry(409, 4400, false, 'This job has ended already.'),
  job_deadly: entry(
    500,
    1011,
    false,
    'The gateway ended again and again while it worked on this job.',
  ),
  jobs_unavailable: entry(503, 1011, true, 'There are no jobs here.'),
  webhook_refused: entry(400, 4400, false, 'This webhook cannot be used.'),

  // Sessions.
  start_timeout: entry(503, 4503, true, 'The session could not be set up in time.'),
  drain_timeout: entry(
    504,
    1011,
    true,
    'What was heard could not be transcribed in time after the end.',
  ),
  nats_unavailable: entry(503, 1011, true, 'NATS cannot be reached, or lacks JetStream.'),
  internal_error: entry(500, 1011, true, 'Something went wrong in the gateway.'),
} as const satisfies Record<string, ErrorEntry>;

/** The code of an error of this product. */
export type ErrorCode = keyof typeof catalog;

function entry(status: number, close: number, retryable: boolean, message: string): ErrorEntry {
  return { status, close, retryable, message };
}
