import type { AudioWindow, DecodeOptions, Lane } from '../../src/engine/index.js';

/** Greedy English at full context, without fallback: the same text on every run. */
export const decodeOptions: DecodeOptions = {
  language: 'en',
  task: 'transcribe',
  prompt: '',
  audioContext: 0,
  tail: null,
  beamSize: 1,
  temperature: 0,
  temperatureIncrement: 0,
  maxTokens: 0,
  alignWords: false,
};

/** One second of silence as a final window of session `a`, unless something else is given. */
export function audioWindow(
  given: {
    sessionId?: string;
    lane?: Lane;
    model?: string;
    pcm?: Int16Array;
    options?: Partial<DecodeOptions>;
  } = {},
): AudioWindow {
  const { sessionId = 'a', lane = 'final', pcm = new Int16Array(16_000), model, options } = given;
  const named = model === undefined ? {} : { model };
  return { sessionId, lane, ...named, pcm, options: { ...decodeOptions, ...options } };
}
