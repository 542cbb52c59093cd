import { integer, text } from './option-fields.js';

/** Speech synthesis. */
export const speechOptions = {
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
};
