// Run alone, `node bench/gpu.bench.mjs` prints its answer as JSON.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { decodeSpeech, parametersFor, repeat, runWindows } from './support/decoding.mjs';

export const question = 'How many windows a second does a GPU decode?';

const windowSeconds = [2, 5, 10, 20];
const slotCounts = [1, 2, 4, 8, 16];

const root = fileURLToPath(new URL('..', import.meta.url));
const addonPath = join(root, 'build/cuda/whisper_gateway.node');
const path = process.env.BENCH_MODEL ?? join(root, 'models/ggml-base-q8_0.bin');

/** Windows on one to sixteen states of the first GPU: contexts cut and full, with flash attention and without. */
export async function measure() {
  const addon = existsSync(addonPath) ? createRequire(import.meta.url)(addonPath) : undefined;
  const gpu = addon?.devices().find(({ kind }) => kind === 'gpu');
  if (!gpu) return { unavailable: 'It needs a GPU and the addon in build/cuda.' };
  const speech = decodeSpeech();
  const rows = [];
  for (const flashAttention of addon.gpuFlashAttention ? [false, true] : [false]) {
    const model = await addon.loadModel({ path, gpu: 0, flashAttention });
    const states = [];
    for (let i = 0; i < Math.max(...slotCounts); i++) states.push(await model.createState());
    // With flash attention only multiples of 256 are allowed (docs/adr/0002).
    for (const context of flashAttention ? ['rounded', 'full'] : ['cut', 'full']) {
      for (const seconds of windowSeconds) {
        rows.push(
          ...(await measureWindow(states, repeat(speech, seconds), context, flashAttention)),
        );
      }
    }
    for (const state of states) state.free();
    model.free();
  }
  const columns = [
    'flash attention',
    'context',
    'window (s)',
    'slots',
    'windows/s',
    'seconds of audio/s',
    'median window (ms)',
  ];
  return { columns, rows, machine: `${gpu.description}, compiled for ${addon.cudaArchitectures}` };
}

async function measureWindow(states, pcm, context, flashAttention) {
  const seconds = pcm.length / 16_000;
  const parameters = parametersFor(pcm, context);
  // The first windows of a state and of a shape set up what the later ones find ready.
  await Promise.all(states.map((state) => state.transcribe(pcm, parameters)));
  const rows = [];
  for (const slots of slotCounts) {
    const { windowsPerSecond, medianMs } = await runWindows(
      states.slice(0, slots),
      pcm,
      parameters,
    );
    rows.push([
      flashAttention ? 'on' : 'off',
      context,
      seconds,
      slots,
      windowsPerSecond.toFixed(1),
      Math.round(windowsPerSecond * seconds),
      medianMs.toFixed(1),
    ]);
  }
  return rows;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  console.log(JSON.stringify(await measure(), null, 2));
}
