import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findFfmpeg } from '../dist/audio/index.js';
import { packageRoot } from '../dist/config/index.js';
import { createWorkerPool } from '../dist/engine/index.js';
// What a worker does, without the worker: nobody but this comparison loads it into its own process.
import { openInference } from '../dist/engine/inference.js';

export const question = 'What does it cost that inference runs in a process of its own?';

/** Lengths of windows as live speech brings them, and how often each is decoded on either side. */
const windows = [
  { seconds: 1, times: 20 },
  { seconds: 2, times: 20 },
  { seconds: 5, times: 12 },
  { seconds: 10, times: 8 },
];

/** Clock ticks of /proc/PID/stat. */
const ticksPerSecond = 100;

const addonPath = join(packageRoot, 'build/cpu/whisper_gateway.node');
const modelPath = join(packageRoot, 'models/ggml-base-q8_0.bin');
/** One thread: how the cores are shared is another question. */
const setup = { addonPath, modelPath, gpu: null, flashAttention: false, threads: 1, cores: 1 };

/** The same windows in turns: decoded here, and in a worker, with the model's answer compared. */
export async function measure() {
  const here = await openHere();
  const worker = await openWorker();
  const speech = await decodeSpeech();
  const rows = [];
  try {
    for (const { seconds, times } of windows) {
      const pcm = speech.subarray(0, seconds * 16_000);
      rows.push(row(seconds, await compare(here, worker, pcm, times)));
    }
  } finally {
    await worker.close();
  }
  const columns = ['window (s)', 'in the gateway, median ms', 'in a worker, median ms'];
  return { columns: [...columns, 'median', '95th percentile', 'CPU'], rows };
}

async function openHere() {
  const { call } = await openInference({ ...setup, slots: 1 }, () => {});
  const signal = new AbortController().signal;
  return {
    transcribe: (window) => call({ kind: 'transcribe', ...window }, signal),
    cpuMs: ownCpuMs,
  };
}

async function openWorker() {
  const { threads, cores } = setup;
  const pool = await createWorkerPool({
    devices: [{ gpu: null, addonPath, slots: 1 }],
    model: { name: 'base-q8_0', path: modelPath },
    threads,
    cores,
    startTimeoutMs: 60_000,
    requestTimeoutMs: 60_000,
    liveTimeoutMs: 60_000,
    memoryQuietMs: 60_000,
  });
  const [pid] = pool.workerPids;
  const signal = new AbortController().signal;
  return {
    transcribe: (window) => pool.transcribe({ sessionId: 'bench', ...window }, signal),
    cpuMs: () => ownCpuMs() + cpuMsOf(pid),
    close: () => pool.close(),
  };
}

/** Wall times of every window and the CPU time of all, on both sides. */
async function compare(here, worker, pcm, times) {
  const window = { lane: 'final', pcm, options: optionsFor(pcm) };
  const sides = [here, worker].map((side) => ({ side, wallMs: [], cpuMs: 0 }));
  // The first window of a length touches memory for the first time.
  const texts = [textOf(await here.transcribe(window)), textOf(await worker.transcribe(window))];
  if (texts[0] !== texts[1]) throw new Error(`They do not agree: ${texts.join(' | ')}`);
  for (let i = 0; i < times; i++) {
    // Whatever else the machine does, neither side always comes second.
    for (const each of i % 2 ? sides.toReversed() : sides) {
      const cpuMs = each.side.cpuMs();
      const startedAt = performance.now();
      await each.side.transcribe(window);
      each.wallMs.push(performance.now() - startedAt);
      each.cpuMs += each.side.cpuMs() - cpuMs;
    }
  }
  return sides;
}

function row(seconds, [here, worker]) {
  const ratio = (a, b) => (b / a).toFixed(3);
  return [
    seconds,
    percentile(here.wallMs, 0.5).toFixed(1),
    percentile(worker.wallMs, 0.5).toFixed(1),
    ratio(percentile(here.wallMs, 0.5), percentile(worker.wallMs, 0.5)),
    ratio(percentile(here.wallMs, 0.95), percentile(worker.wallMs, 0.95)),
    ratio(here.cpuMs, worker.cpuMs),
  ];
}

function percentile(values, share) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

function ownCpuMs() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function cpuMsOf(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // Behind the command in brackets, which may hold anything, these are the 12th and 13th field.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / ticksPerSecond;
}

/** Greedy and with a cut context, as live windows are decoded. */
function optionsFor(pcm) {
  return {
    language: 'en',
    task: 'transcribe',
    prompt: '',
    audioContext: Math.min(1500, Math.ceil(pcm.length / 320) + 128),
    tail: null,
    beamSize: 1,
    temperature: 0,
    temperatureIncrement: 0,
    maxTokens: 0,
    alignWords: false,
  };
}

function textOf({ segments }) {
  return segments.map(({ text }) => text).join('');
}

async function decodeSpeech() {
  const file = join(packageRoot, 'node_modules/nodejs-whisper/cpp/whisper.cpp/samples/jfk.mp3');
  const args = ['-v', 'error', '-i', file, '-f', 's16le', '-ac', '1', '-ar', '16000', '-'];
  const { path } = await findFfmpeg();
  const bytes = execFileSync(path, args);
  return new Int16Array(new Uint8Array(bytes).buffer);
}
