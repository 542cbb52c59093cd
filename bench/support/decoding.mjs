import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Each combination runs for as long as this, and at least one window a slot. */
const measuredMs = 1_500;

/** The clip of 11 s and the silence after it; the longest window holds it twice. */
const pausedSeconds = 14;

const root = fileURLToPath(new URL('../..', import.meta.url));
const require = createRequire(import.meta.url);

/** Keeps every state busy with the same window for a while. */
export async function runWindows(states, pcm, parameters) {
  const begin = performance.now();
  const times = [];
  await Promise.all(
    states.map(async (state) => {
      do {
        const started = performance.now();
        await state.transcribe(pcm, parameters);
        times.push(performance.now() - started);
      } while (performance.now() - begin < measuredMs);
    }),
  );
  const wholeMs = performance.now() - begin;
  times.sort((a, b) => a - b);
  return {
    windowsPerSecond: (times.length * 1000) / wholeMs,
    medianMs: times[Math.floor(times.length / 2)],
  };
}

/**
 * Greedy and without fallback, as live windows are decoded.
 * @param {Float32Array} pcm
 * @param {'cut' | 'rounded' | 'full'} context Cut to the window, cut to a multiple of 256, or 30 s.
 */
export function parametersFor(pcm, context) {
  return {
    language: 'en',
    translate: false,
    prompt: '',
    threads: 1,
    audioContext: contextFor(pcm.length, context),
    tail: null,
    beamSize: 1,
    bestOf: 1,
    temperature: 0,
    temperatureIncrement: 0,
    entropyThreshold: 2.4,
    logprobThreshold: -1,
    noSpeechThreshold: 0.6,
    maxTokens: 0,
    singleSegment: false,
    suppressNonSpeech: true,
    wordTimestamps: true,
    alignWords: false,
  };
}

function contextFor(samples, context) {
  const cut = Math.min(1500, Math.ceil(samples / 320) + 128);
  if (context === 'cut') return cut;
  const rounded = Math.ceil(cut / 256) * 256;
  return context === 'full' || rounded > 1280 ? 0 : rounded;
}

/** A clip of clean speech, and silence after it. */
export function decodeSpeech() {
  const file = join(root, 'node_modules/nodejs-whisper/cpp/whisper.cpp/samples/jfk.mp3');
  const ffmpeg = process.env.FFMPEG_PATH ?? require('@ffmpeg-installer/ffmpeg').path;
  const bytes = execFileSync(ffmpeg, [
    ...['-v', 'error', '-i', file, '-f', 'f32le', '-ac', '1', '-ar', '16000', '-'],
  ]);
  const speech = new Float32Array(new Uint8Array(bytes).buffer);
  // Sentences that follow each other without a pause, or end in the middle, send the decoder in
  // circles: that is another question.
  const withPause = new Float32Array(pausedSeconds * 16_000);
  withPause.set(speech);
  return withPause;
}

/** So many seconds of a clip, from its start and again. */
export function repeat(clip, seconds) {
  return Float32Array.from({ length: seconds * 16_000 }, (_, i) => clip[i % clip.length]);
}
