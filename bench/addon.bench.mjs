// Run alone, `node bench/addon.bench.mjs` prints its answer as JSON.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { decodeSpeech, parametersFor, repeat, runWindows } from './support/decoding.mjs';

export const question = 'How many windows a second does the addon decode?';

const windowSeconds = [1, 2, 5, 10, 20, 28];
const slotCounts = [1, 2, 4];

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
    const pcm = repeat(speech, seconds);
    for (const context of ['cut', 'full']) {
      for (const slots of slotCounts) {
        const parameters = parametersFor(pcm, context);
        const { windowsPerSecond, medianMs } = await runWindows(
          states.slice(0, slots),
          pcm,
          parameters,
        );
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

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  console.log(JSON.stringify(await measure(), null, 2));
}
