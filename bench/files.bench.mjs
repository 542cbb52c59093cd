// npm run bench -- files [--hour]: `node bench/build-whisper-cli.mjs` and `node bench/live/run.mjs --systems
// whisperlive` make what it compares with; what is not there is left out.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFfmpeg } from '../dist/audio/index.js';
import { packageRoot } from '../dist/config/index.js';
import { UsageMeter } from './live/measure/process-tree.mjs';
import { errorRate } from './support/error-rate.mjs';

export const question = 'How fast is a file transcribed, and what does that take?';

const gateway = join(packageRoot, 'dist/main.js');
/** Made by bench/build-whisper-cli.mjs; left out where it is not there. */
const whisperCli = join(packageRoot, 'build/whisper-cli/bin/whisper-cli');
/** A part of WhisperLive's virtual environment. */
const fasterWhisper = join(packageRoot, 'build/bench-live/whisper-live');
const fasterWhisperFile = join(packageRoot, 'bench/live/competitors/faster_whisper_file.py');
const model = join(packageRoot, 'models/ggml-base-q8_0.bin');
const shared = join(packageRoot, '../shared/audio');
const clip = join(packageRoot, 'node_modules/nodejs-whisper/cpp/whisper.cpp/samples/jfk.mp3');
const clipText =
  'And so my fellow Americans ask not what your country can do for you ask what you can do for your country';

/** The command lines on ten minutes of English, or with `--hour` on an hour of it. */
export async function measure() {
  const folder = mkdtempSync(join(tmpdir(), 'bench-files-'));
  try {
    const rows = await measureMinutes(process.argv.includes('--hour') ? 60 : 10, folder);
    const columns = [
      'system',
      'audio (s)',
      'time (s)',
      'times as fast as speech',
      'CPU seconds a minute of audio',
      'peak memory (MB)',
      'word error rate',
    ];
    return { columns, rows };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function measureMinutes(minutes, folder) {
  const { path, text, seconds } = await repeated(minutes, folder);
  const threads = String(availableParallelism());
  const systems = [
    ['whisper-gateway transcribe', process.execPath, [gateway, 'transcribe', path, '-l', 'en']],
    ['whisper-cli', whisperCli, ['-m', model, '-f', path, '-t', threads, '-nt', '-np', '-l', 'en']],
    [
      'faster-whisper',
      join(fasterWhisper, 'bin/python'),
      [fasterWhisperFile, join(fasterWhisper, 'models/ctranslate2'), threads, path],
    ],
  ].filter(([, program]) => existsSync(program));
  const rows = [];
  for (const [name, program, args] of systems) {
    const { heard, wallSeconds, usage } = await run(program, args);
    rows.push([
      name,
      Math.round(seconds),
      wallSeconds.toFixed(1),
      (seconds / wallSeconds).toFixed(1),
      ((usage.cpuSeconds * 60) / seconds).toFixed(1),
      Math.round(usage.sharedBytes / 1e6),
      `${(100 * errorRate(text, heard)).toFixed(1)} %`,
    ]);
  }
  return rows;
}

/** Speech of that length as a 16 kHz WAV: the long recording, or the public-domain clip, over and over. */
async function repeated(minutes, folder) {
  const source = readLong() ?? { path: clip, text: clipText, seconds: 11 };
  const times = Math.max(1, Math.round((minutes * 60) / source.seconds));
  const path = join(folder, `${minutes}.wav`);
  const { path: ffmpeg } = await findFfmpeg();
  const input = ['-stream_loop', String(times - 1), '-i', source.path];
  execFileSync(ffmpeg, ['-v', 'error', ...input, '-ar', '16000', '-ac', '1', path]);
  const text = Array(times).fill(source.text).join(' ');
  return { path, text, seconds: times * source.seconds };
}

function readLong() {
  const manifest = join(shared, 'manifest.jsonl');
  if (!existsSync(manifest)) return null;
  const lines = readFileSync(manifest, 'utf8').split('\n').filter(Boolean);
  const entry = lines.map((line) => JSON.parse(line)).find(({ file }) => /long-en/.test(file));
  return entry ? { ...entry, path: join(shared, entry.file) } : null;
}

/** Runs a program to its end; its processes are counted with all that they start. */
async function run(program, args) {
  const began = performance.now();
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const meter = new UsageMeter(child.pid);
  let heard = '';
  child.stdout.on('data', (bytes) => {
    heard += bytes;
  });
  // What ended is counted no more, so the last look is a moment before that.
  let usage = meter.read();
  const timer = setInterval(() => {
    const now = meter.read();
    if (now.cpuSeconds >= usage.cpuSeconds) usage = now;
  }, 200);
  const code = await new Promise((resolve) => child.once('close', resolve));
  clearInterval(timer);
  meter.close();
  if (code !== 0) throw new Error(`${program} ended with ${code}.`);
  return { heard, wallSeconds: (performance.now() - began) / 1000, usage };
}
