import { choice, fraction, integer, optionalText } from './option-fields.js';

/** How one session is decoded, cut into windows and bounded. */
export const sessionOptions = {
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

  // Resume.
  resumeWindowMs: integer(
    'RESUME_WINDOW_MS',
    30_000,
    0,
    3_600_000,
    'Milliseconds for which a resumable session waits for a client that was cut off; 0 lets none wait.',
  ),
  maxDetachedSessions: integer(
    'MAX_DETACHED_SESSIONS',
    50,
    1,
    100_000,
    'Sessions that may wait for their client; with one more, the one that waits longest ends.',
  ),
  replayMaxEvents: integer(
    'REPLAY_MAX_EVENTS',
    1_000,
    1,
    1_000_000,
    'Newest events of a resumable session that are kept for a client that comes back.',
  ),
  replayMaxBytes: integer(
    'REPLAY_MAX_BYTES',
    1_048_576,
    4_096,
    268_435_456,
    'Bytes that those events may take.',
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
  postProcessingFile: optionalText(
    'POST_PROCESSING_FILE',
    'JSON file of profiles: replacements, masked words and formatting (post-processing.md).',
  ),
  postProcessingModule: optionalText(
    'POST_PROCESSING_MODULE',
    "An operator's own ES module, asked about every word (post-processing.md).",
  ),
};
