import { z } from 'zod';

/**
 * Every option of the gateway. The key is its name in code; `env` in its metadata is the environment
 * variable that sets it. `docs/configuration.md` is generated from this table.
 */
export const configSchema = z.object({
  // Listening.
  host: text('HOST', '127.0.0.1', 'Address to listen on. Any but loopback needs API_KEY.'),
  port: integer('PORT', 8080, 0, 65_535, 'TCP port to listen on; 0 takes a free one.'),
  apiKey: optionalText('API_KEY', 'Key that every request has to carry. Unset: none is needed.'),

  // Limits of connections.
  maxConnections: integer(
    'MAX_CONNECTIONS',
    50,
    1,
    100_000,
    'Streaming connections served at the same time; the next one is closed with 4429.',
  ),
  maxFrameBytes: integer(
    'MAX_FRAME_BYTES',
    1_048_576,
    1_024,
    67_108_864,
    'Largest WebSocket frame in bytes; a larger one closes with 1009.',
  ),
  maxUnreadBytes: integer(
    'MAX_UNREAD_BYTES',
    4_194_304,
    65_536,
    268_435_456,
    'Bytes of events that may wait for a slow reader before it is closed with 1008.',
  ),
  maxEarlyAudioBytes: integer(
    'MAX_EARLY_AUDIO_BYTES',
    4_194_304,
    65_536,
    268_435_456,
    'Bytes of audio kept while a session is being set up or its decoder is busy; beyond it the socket is no longer read.',
  ),
  idleTimeoutMs: integer(
    'IDLE_TIMEOUT_MS',
    60_000,
    1_000,
    86_400_000,
    'Milliseconds without any frame from a client before it is closed with 4408.',
  ),
  pingIntervalMs: integer(
    'PING_INTERVAL_MS',
    20_000,
    1_000,
    3_600_000,
    'Milliseconds between WebSocket pings, which keep proxies from closing the connection.',
  ),

  // Sessions.
  startTimeoutMs: integer(
    'START_TIMEOUT_MS',
    30_000,
    100,
    600_000,
    'Longest time in milliseconds to set a session up, the loading of a model included.',
  ),
  maxSessionMs: integer(
    'MAX_SESSION_MS',
    86_400_000,
    1_000,
    2_147_483_647,
    'Longest session in milliseconds; after it what was heard is finished and the session stops.',
  ),
  drainTimeoutMs: integer(
    'DRAIN_TIMEOUT_MS',
    60_000,
    100,
    3_600_000,
    'Longest time in milliseconds to finish what was heard after the end of the audio.',
  ),
  maxLagMs: integer(
    'MAX_LAG_MS',
    30_000,
    1_000,
    600_000,
    'Milliseconds of decoded audio that may wait for the engine in one session; beyond it no more is read from the socket.',
  ),
  progressIntervalMs: integer(
    'PROGRESS_INTERVAL_MS',
    1_000,
    100,
    60_000,
    'Milliseconds of audio between two progress events.',
  ),

  // Decoder.
  ffmpegPath: optionalText(
    'FFMPEG_PATH',
    "The ffmpeg to use. Unset: the newer of the system's and the one from npm.",
  ),
  maxCollectedBytes: integer(
    'MAX_COLLECTED_BYTES',
    67_108_864,
    1_048_576,
    4_294_967_296,
    'Largest container in bytes that is collected because its index comes last.',
  ),
  decoderStallMs: integer(
    'DECODER_STALL_MS',
    15_000,
    1_000,
    600_000,
    'Milliseconds in which the decoder may take no input before its session fails.',
  ),

  // Voice activity and windows.
  speechThreshold: fraction(
    'SPEECH_THRESHOLD',
    0.5,
    'Probability from which a 32 ms frame counts as speech; silence below this minus 0.15.',
  ),
  endpointMs: integer(
    'ENDPOINT_MS',
    600,
    100,
    10_000,
    'Milliseconds of silence that end an utterance, unless a client asks for another value.',
  ),
  preRollMs: integer(
    'PRE_ROLL_MS',
    320,
    0,
    2_000,
    'Milliseconds of audio before speech was noticed that belong to the utterance.',
  ),
  minSpeechMs: integer(
    'MIN_SPEECH_MS',
    96,
    32,
    2_000,
    'Shortest run of speech in milliseconds that starts an utterance.',
  ),
  partialIntervalMs: integer(
    'PARTIAL_INTERVAL_MS',
    256,
    100,
    10_000,
    'Fewest milliseconds of audio between two partial windows while someone speaks; under load there are more.',
  ),
  maxWindowMs: integer(
    'MAX_WINDOW_MS',
    28_000,
    2_000,
    28_000,
    'Longest window in milliseconds; a longer utterance is cut at its quietest point before it.',
  ),
  chunkMs: integer(
    'CHUNK_MS',
    0,
    0,
    28_000,
    'Fixed length of windows in milliseconds for clients that record and send pieces; 0 cuts at silences.',
  ),
  minChunkBytes: integer(
    'MIN_CHUNK_BYTES',
    0,
    0,
    16_777_216,
    'Smallest piece in bytes handed to the decoder; smaller ones are collected first. 0 hands on at once.',
  ),

  chineseScript: choice(
    'CHINESE_SCRIPT',
    ['simplified', 'traditional', 'as_heard'],
    'simplified',
    'How Chinese text is written; `as_heard` leaves it as the model wrote it, which mixes both.',
  ),

  // Engine.
  model: text('MODEL', 'base-q8_0', 'Name of the model to load at start.'),
  modelsDir: text('MODELS_DIR', 'models', "Folder of model files, relative to the gateway's own."),
  hubUrl: url(
    'HF_ENDPOINT',
    'https://huggingface.co',
    'Address of the hub that models are downloaded from, or of a mirror with the same paths.',
  ),
  backend: choice(
    'BACKEND',
    ['auto', 'cpu', 'cuda'],
    'cpu',
    'What inference computes on; `cuda` falls back to the CPU with a warning, `auto` takes GPUs where the addon for them is built and finds some.',
  ),
  cudaCompiler: optionalText(
    'CUDACXX',
    'The nvcc that builds the CUDA backend. Unset: the one in PATH, or in the usual places.',
  ),
  slots: integer(
    'ASR_SLOTS',
    0,
    0,
    64,
    'Inferences that run at the same time; 0 derives it from the machine.',
  ),
  threadsPerSlot: integer(
    'ASR_THREADS',
    0,
    0,
    64,
    'Threads of one inference on the CPU; 0 shares the cores among the inferences that run.',
  ),
  maxQueuedFinal: integer(
    'ASR_MAX_QUEUED_FINAL',
    256,
    1,
    100_000,
    'Final windows that may wait for a slot over all sessions, up to 0.9 MB each; the next one is refused with queue_full.',
  ),
  maxQueuedPartial: integer(
    'ASR_MAX_QUEUED_PARTIAL',
    256,
    1,
    100_000,
    'Partial windows that may wait over all sessions, one each; the next one is refused with queue_full.',
  ),
  maxQueuedBatch: integer(
    'ASR_MAX_QUEUED_BATCH',
    256,
    1,
    100_000,
    'Batch windows that may wait over all files; the next one is refused with queue_full.',
  ),
  maxPartialAgeMs: integer(
    'ASR_MAX_PARTIAL_AGE_MS',
    3_000,
    100,
    60_000,
    'Milliseconds after which a partial window that still waits is dropped as stale, so that its session asks for a newer one.',
  ),
  maxRetries: integer('ASR_MAX_RETRIES', 3, 0, 20, 'Further tries after a temporary failure.'),
  retryDelayMs: integer(
    'ASR_RETRY_DELAY_MS',
    5_000,
    10,
    600_000,
    'Wait in milliseconds before the first retry of batch work, doubling after that. Live work retries at once.',
  ),
  requestTimeoutMs: integer(
    'ASR_REQUEST_TIMEOUT_MS',
    300_000,
    1_000,
    3_600_000,
    'Longest time in milliseconds for one inference of file work; a worker that cannot end it then is replaced.',
  ),
  liveTimeoutMs: integer(
    'ASR_LIVE_TIMEOUT_MS',
    20_000,
    500,
    3_600_000,
    'The same for live windows, which are of use for 30 s only.',
  ),
  memoryQuietMs: integer(
    'OOM_RECOVERY_MS',
    300_000,
    1_000,
    86_400_000,
    'Milliseconds without any lack of memory after which one step of what was given up for it is taken back.',
  ),
  fallbackModel: optionalText(
    'OOM_FALLBACK_MODEL',
    'Name of a smaller model that takes over where memory is short. Unset: none does.',
  ),
  cacheEntries: integer(
    'ASR_CACHE_ENTRIES',
    0,
    0,
    1_000_000,
    'Answers kept for final and batch windows that come again exactly, with the same options, model and key; 0 keeps none.',
  ),
  cacheBytes: integer(
    'ASR_CACHE_BYTES',
    16_777_216,
    65_536,
    4_294_967_296,
    'Bytes of text that the kept answers may take together.',
  ),
  workerStartTimeoutMs: integer(
    'WORKER_START_TIMEOUT_MS',
    60_000,
    1_000,
    600_000,
    'Longest time in milliseconds for a worker to load its model.',
  ),

  // Speech.
  speechModel: text(
    'SPEECH_MODEL',
    'espeak-ng',
    "The voice model that OpenAI's names, such as tts-1, stand for; espeak-ng is the embedded one.",
  ),
  maxSpeechChars: integer(
    'SPEECH_MAX_CHARS',
    4_096,
    1,
    100_000,
    'Longest text in characters that one request may have spoken.',
  ),
  maxSpeech: integer(
    'SPEECH_MAX_CONCURRENT',
    4,
    1,
    64,
    'Texts that are spoken at the same time; the next one is refused with speech_busy.',
  ),
  speechStallMs: integer(
    'SPEECH_STALL_MS',
    60_000,
    1_000,
    3_600_000,
    'Milliseconds in which a client may take nothing of its speech before that is given up.',
  ),

  // Uploaded files.
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

  // Operation.
  logLevel: choice(
    'LOG_LEVEL',
    ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'],
    'info',
    'Lowest level that is logged.',
  ),
  shutdownTimeoutMs: integer(
    'SHUTDOWN_TIMEOUT_MS',
    10_000,
    0,
    600_000,
    'Longest time in milliseconds for sessions to finish after SIGTERM.',
  ),
});

/** Checked and frozen options. */
export type Config = Readonly<z.infer<typeof configSchema>>;

/** Where an option comes from and what it is for; in zod's metadata of every field. */
export interface OptionMeta {
  readonly env: string;
  readonly description: string;
}

function integer(env: string, fallback: number, min: number, max: number, description: string) {
  return z.coerce.number().int().min(min).max(max).default(fallback).meta({ env, description });
}

function fraction(env: string, fallback: number, description: string) {
  return z.coerce.number().min(0).max(1).default(fallback).meta({ env, description });
}

function text(env: string, fallback: string, description: string) {
  return z.string().min(1).default(fallback).meta({ env, description });
}

function url(env: string, fallback: string, description: string) {
  return z
    .url({ protocol: /^https?$/ })
    .default(fallback)
    .meta({ env, description });
}

function optionalText(env: string, description: string) {
  return z.string().min(1).optional().meta({ env, description });
}

function choice<const T extends readonly [string, ...string[]]>(
  env: string,
  values: T,
  fallback: T[number],
  description: string,
) {
  // The cast keeps the union of the values, which zod's default() would widen.
  return z
    .enum(values)
    .default(fallback as never)
    .meta({ env, description });
}
