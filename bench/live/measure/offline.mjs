import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { toFloat32 } from '../../../dist/audio/index.js';
import { toNativeParams } from '../../../dist/engine/native-params.js';

const addonFile = fileURLToPath(
  new URL('../../../build/cpu/whisper_gateway.node', import.meta.url),
);
const modelFile = fileURLToPath(new URL('../../../models/ggml-base-q8_0.bin', import.meta.url));
const cacheFile = fileURLToPath(new URL('../../../build/bench-live/offline.json', import.meta.url));

/** Longest piece that is decoded at once, and from where on a longer one may be cut. */
const pieceSeconds = { most: 28, least: 18 };
const rate = 16_000;

/** Greedy, with the fallback; what nobody who has time would do with less. */
const options = {
  task: 'transcribe',
  prompt: '',
  audioContext: 0,
  tail: null,
  beamSize: 1,
  temperature: 0,
  temperatureIncrement: 0.2,
  maxTokens: 0,
  alignWords: false,
};

/**
 * What the gateway's model says of a stream whose utterances are decoded one by one, with the full
 * context and all the time in the world. Kept in build/, because it is the same every time.
 * @param {import('../audio/streams.mjs').Library} library
 * @param {import('../audio/streams.mjs').Stream} stream
 * @returns {Promise<string>}
 */
export async function transcribeOffline(library, stream) {
  const cache = readCache();
  const texts = [];
  for (const { name } of stream.utterances) {
    const key = `${stream.language}/${name}`;
    cache.texts[key] ??= await decode(await library.decode(name), stream.language);
    texts.push(cache.texts[key]);
  }
  mkdirSync(dirname(cacheFile), { recursive: true });
  writeFileSync(cacheFile, JSON.stringify(cache, null, 2));
  return texts.join(' ');
}

function readCache() {
  const version = [addonFile, modelFile].map((file) => statSync(file).size).join('-');
  const empty = { version, texts: {} };
  if (!existsSync(cacheFile)) return empty;
  const cache = JSON.parse(readFileSync(cacheFile, 'utf8'));
  return cache.version === version ? cache : empty;
}

let state;

async function decode(pcm, language) {
  const addon = createRequire(import.meta.url)(addonFile);
  addon.setLogger(null);
  state ??= await (
    await addon.loadModel({ path: modelFile, gpu: null, flashAttention: false })
  ).createState();
  let text = '';
  for (const piece of pieces(pcm)) {
    const params = toNativeParams({ ...options, language }, 'batch', availableParallelism());
    const { segments } = await state.transcribe(toFloat32(piece), params);
    text += segments.map((segment) => segment.text).join('');
  }
  return text.trim();
}

/** Cut at the quietest tenth of a second, where a piece is too long. */
function pieces(pcm) {
  if (pcm.length <= pieceSeconds.most * rate) return [pcm];
  const window = rate / 10;
  let quietest = { at: pieceSeconds.most * rate, energy: Number.POSITIVE_INFINITY };
  for (let at = pieceSeconds.least * rate; at + window < pieceSeconds.most * rate; at += window) {
    const energy = pcm.subarray(at, at + window).reduce((sum, value) => sum + value * value, 0);
    if (energy < quietest.energy) quietest = { at: at + window / 2, energy };
  }
  return [pcm.subarray(0, quietest.at), ...pieces(pcm.subarray(quietest.at))];
}
