// Run alone, `node bench/addon.bench.mjs` prints its answer as JSON.
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

export const question = 'How many windows a second does the addon decode?';

const windowSeconds = [1, 2, 5, 10, 20, 28];
const slotCounts = [1, 2, 4];
/** Each combination runs for as long as this, and at least one window a slot. */
const measuredMs = 1_500;

/** The clip of 11 s and the silence after it; the longest window holds it twice. */
const pausedSeconds = 14;

const root = fileURLToPath(new URL('..', import.meta.url));
const require = createRequire(import.meta.url);

/** Windows of speech with a context cut to them or the full one, on so many states at once. */
export async function measure() {
  const addon = require(join(root, 'build/cpu/whisper_gateway.node'));
  const path = join(root, 'models/ggml-base-q8_0.bin');
  const model = await addon.loadModel({ path, gpu: null, flashAttention: false });
  const states = [];
  for (let i = 0; i < Math.max(...slotCounts); i++) states.push(await model.createState());
  const speech = decodeSpeech();
  // The first window of a state touches its memory for the first time.
  await Promise.all(states.map((state) => state.transcribe(speech, parametersFor(speech, 'cut'))));

  const rows = [];
  for (const seconds of windowSeconds) {
    const pcm = Float32Array.from(
      { length: seconds * 16_000 },
      (_, i) => speech[i % speech.length],
    );
    for (const context of ['cut', 'full']) {
      for (const slots of slotCounts) {
        const parameters = parametersFor(pcm, context);
        const { windowsPerSecond, medianMs } = await run(states.slice(0, slots), pcm, parameters);
        rows.push([
          seconds,
          context,
          slots,
          windowsPerSecond.toFixed(2),
          (windowsPerSecond * seconds).toFixed(1),
          Math.round(medianMs),
        ]);
      }
    }
  }
  for (const state of states) state.free();
  model.free();
  const columns = [
    'window (s)',
    'context',
    'slots',
    'windows/s',
    'seconds of audio/s',
    'median window (ms)',
  ];
  return { columns, rows };
}

async function run(states, pcm, parameters) {
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

/** Greedy and without fallback, as live windows are decoded. */
function parametersFor(pcm, context) {
  return {
    language: 'en',
    translate: false,
    prompt: '',
    threads: 1,
    audioContext: context === 'full' ? 0 : Math.min(1500, Math.ceil(pcm.length / 320) + 128),
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
  };
}

function decodeSpeech() {
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

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  console.log(JSON.stringify(await measure(), null, 2));
}
