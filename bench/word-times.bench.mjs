// npm run bench -- word-times
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { toFloat32 } from '../dist/audio/index.js';
import { packageRoot } from '../dist/config/index.js';
import { decodeOptions } from '../dist/decoding/decode-options.js';
import { rungs } from '../dist/decoding/index.js';
import { toNativeParams } from '../dist/engine/native-params.js';
import { readAlignments } from './live/audio/alignments.mjs';
import {
  decode,
  missingAudio,
  readManifest,
  sampleRate,
  sharedAudio,
} from './live/audio/shared-audio.mjs';
import { Aligner } from './live/measure/aligner.mjs';
import { tokens } from './live/measure/tokens.mjs';

export const question = 'How far are word times from forced alignment?';

/** Windows are never longer than this. */
const longestWindowSeconds = 28;
/** Further than this a viewer sees that a word is late. */
const farMs = 300;

/**
 * Final windows of whole utterances, with whisper.cpp's own times and with aligned ones. Errors are
 * those of recognised words. Chinese has a rough alignment only, so that its words are compared with the
 * utterances that they belong to as well: how far they reach out of them, in windows of several.
 */
export async function measure() {
  const missing = missingAudio();
  if (missing) return { unavailable: missing };
  const model = await openModel();
  const state = await model.createState();
  const rows = [];
  for (const [label, windows] of [
    ['English', alignedWindows('en')],
    ['Chinese, rough alignment', alignedWindows('zh')],
    ['Chinese, borders of utterances', segmentWindows('long-zh-dev')],
  ]) {
    const cases = [];
    for await (const window of windows) cases.push(window);
    for (const alignWords of [false, true]) {
      rows.push([
        label,
        alignWords ? 'aligned' : "whisper.cpp's",
        ...(await rowOf(state, cases, alignWords)),
      ]);
    }
  }
  state.free();
  model.free();
  const columns = [
    ...['words', 'times', 'compared', 'start: mean (ms)', 'median', `over ${farMs} ms`],
    ...['end: mean (ms)', 'median', `over ${farMs} ms`, 'aligning, of the whole window'],
  ];
  return { columns, rows };
}

async function rowOf(state, cases, alignWords) {
  const starts = [];
  const ends = [];
  let aligningMs = 0;
  let wholeMs = 0;
  for (const { pcm, language, spoken } of cases) {
    const speech = { language, task: 'transcribe', prompt: '', hotwords: [] };
    const options = { ...decodeOptions(pcm.length, rungs.tail, speech), alignWords };
    const begin = performance.now();
    const result = await state.transcribe(
      toFloat32(pcm),
      toNativeParams(options, 'final', availableParallelism()),
    );
    wholeMs += performance.now() - begin;
    aligningMs += result.alignMs;
    for (const { word, reference } of recognised(result, spoken)) {
      starts.push(reference.startError(word.startMs));
      ends.push(reference.endError(word.endMs));
    }
  }
  const cost = `${((100 * aligningMs) / wholeMs).toFixed(1)} %`;
  return [starts.length, ...errorsOf(starts), ...errorsOf(ends), cost];
}

/** Mean and median of the errors, and how many of them are seen. */
function errorsOf(errors) {
  const sizes = errors.map(Math.abs).sort((a, b) => a - b);
  const mean = sizes.reduce((sum, size) => sum + size, 0) / sizes.length;
  const far = sizes.filter((size) => size > farMs).length / sizes.length;
  return [
    Math.round(mean),
    Math.round(sizes[Math.floor(sizes.length / 2)]),
    `${(100 * far).toFixed(1)} %`,
  ];
}

/** Words that are right, each with what is known of the reference's. */
function recognised({ segments }, spoken) {
  const heard = segments.flatMap(({ words }) =>
    words.flatMap((word) => tokens(word.text).map(({ token }) => ({ token, word }))),
  );
  const places = new Aligner(spoken.map(({ token }) => token)).align(
    heard.map(({ token }) => token),
  );
  return [...places.entries()]
    .filter(([, place]) => place >= 0)
    .map(([index, place]) => ({ word: heard[place].word, reference: spoken[index] }));
}

async function* alignedWindows(language) {
  const manifest = readManifest();
  for (const [name, words] of readAlignments()) {
    const entry = manifest.get(name);
    if (!entry?.lang.startsWith(language) || entry.seconds > longestWindowSeconds) continue;
    const spoken = words.map(({ token, startMs, endMs }) => ({
      token,
      startError: (ms) => ms - startMs,
      endError: (ms) => ms - endMs,
    }));
    yield { pcm: await decode(entry.file), language, spoken };
  }
}

/** As many utterances of a long recording as fit into a window, without what lies between windows. */
async function* segmentWindows(name) {
  const file = join(sharedAudio, 'long', `${name}.segments.json`);
  const pcm = await decode(readManifest().get(name).file);
  let window = [];
  const cut = () => {
    const from = window[0].start;
    const spoken = window.flatMap(({ text, start, end }) => {
      const beginMs = (start - from) * 1000;
      const endMs = (end - from) * 1000;
      const outside = (ms) => Math.max(0, beginMs - ms, ms - endMs);
      return tokens(text).map(({ token }) => ({ token, startError: outside, endError: outside }));
    });
    const [first, last] = [from, window.at(-1).end].map((at) => Math.round(at * sampleRate));
    return { pcm: pcm.subarray(first, last), language: 'zh', spoken };
  };
  for (const segment of JSON.parse(readFileSync(file, 'utf8'))) {
    if (window.length > 0 && segment.end - window[0].start > longestWindowSeconds) {
      yield cut();
      window = [];
    }
    window.push(segment);
  }
  yield cut();
}

function openModel() {
  const addon = createRequire(import.meta.url)(join(packageRoot, 'build/cpu/whisper_gateway.node'));
  addon.setLogger(null);
  const path = join(packageRoot, 'models/ggml-base-q8_0.bin');
  return addon.loadModel({ path, gpu: null, flashAttention: false });
}
