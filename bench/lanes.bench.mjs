// Run alone, `node bench/lanes.bench.mjs` prints its answer as JSON; it needs dist/ and the addon.
import { execFileSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { findFfmpeg } from '../dist/audio/index.js';
import { packageRoot } from '../dist/config/index.js';
import { decodeOptions, rungs } from '../dist/decoding/decode-options.js';
import { createWorkerPool } from '../dist/engine/index.js';
import { createScheduler, retryPolicies } from '../dist/scheduler/index.js';

export const question = 'How long does live work wait while files keep the machine busy?';

const slotCounts = [1, 2, 3, 4];
/** Files alone, then files beside live streams, then short clips behind a file. */
const aloneMs = 6_000;
const mixedMs = 22_000;
const clips = 4;

/** What the lanes are fed with: seconds of a window, and milliseconds between two of them. */
const live = {
  final: { seconds: 3, everyMs: 1_000 },
  partial: { seconds: 2, everyMs: 1_000 },
};
const fileWindowSeconds = 28;
const fileWindows = Math.ceil(600 / fileWindowSeconds);
const clipSeconds = 10;

/** The recording of 11 s comes again after a pause; the longest window holds it twice. */
const pausedSeconds = 14;

/** One worker with four slots, of which the scheduler gives out one to four. */
export async function measure() {
  const slots = Math.max(...slotCounts);
  const pool = await createWorkerPool({
    devices: [{ gpu: null, addonPath: join(packageRoot, 'build/cpu/whisper_gateway.node'), slots }],
    model: { name: 'base-q8_0', path: join(packageRoot, 'models/ggml-base-q8_0.bin') },
    threads: 0,
    cores: availableParallelism(),
    startTimeoutMs: 60_000,
    requestTimeoutMs: 60_000,
    liveTimeoutMs: 60_000,
    memoryQuietMs: 60_000,
  });
  const speech = await decodeSpeech();
  // The first window of a slot touches its memory for the first time.
  const warm = slotCounts.map(() =>
    pool.transcribe(windowOf(speech, 'batch', 'warm', 2), new AbortController().signal),
  );
  await Promise.all(warm);
  const rows = [];
  for (const slots of slotCounts) rows.push(...(await measureSlots(pool, speech, slots)));
  await pool.close();
  const columns = ['slots', 'work', 'windows', 'audio/s'];
  columns.push('waited ms: median', '95 %', 'longest', 'made way', 'lost (s)');
  return { columns, rows };
}

async function measureSlots(pool, speech, slots) {
  const bench = openBench(pool, speech, slots);
  const rows = [];
  bench.reset();
  const endless = bench.file();
  await pause(aloneMs);
  rows.push([slots, 'files alone', ...bench.row('batch', aloneMs)]);

  bench.reset();
  await bench.stream(mixedMs);
  for (const lane of ['final', 'partial', 'batch']) {
    const name = lane === 'batch' ? 'files beside them' : `live ${lane}s`;
    rows.push([slots, name, ...bench.row(lane, mixedMs)]);
  }
  endless.abort();
  await bench.idle();

  const waits = [];
  for (let i = 0; i < clips; i++) {
    const file = bench.file();
    // Not all of them come at the same point of the file's windows.
    await pause(700 + i * 900);
    waits.push(await bench.clip());
    file.abort();
    await bench.idle();
  }
  rows.push([slots, 'clip behind ten minutes', clips, '', ...waitColumns(waits), '', '']);
  await bench.close();
  return rows;
}

/** A scheduler over the pool, what feeds it, and what it did since the last `reset`. */
function openBench(engine, speech, slots) {
  let seen;
  const scheduler = createScheduler({
    engine,
    maxQueued: { final: 1_000, partial: 1_000, batch: 1_000 },
    maxPartialAgeMs: 3_000,
    retry: retryPolicies({ maxRetries: 3, retryDelayMs: 5_000 }),
    hooks: {
      onStarted: ({ lane, queueMs }) => seen[lane].waits.push(queueMs),
      onPreempted: ({ lane, ranMs }) => {
        seen[lane].madeWay++;
        seen[lane].lostMs += ranMs;
      },
    },
  });
  scheduler.slots = slots;
  let session = 0;

  async function submit(lane, sessionId, seconds, options = {}) {
    const window = windowOf(speech, lane, sessionId, seconds);
    try {
      await scheduler.submit({ window, ...options });
      seen[lane].seconds += seconds;
    } catch (error) {
      if (!['cancelled', 'superseded', 'stale'].includes(error.code)) throw error;
    }
  }

  return {
    reset() {
      const nothing = () => ({ waits: [], seconds: 0, madeWay: 0, lostMs: 0 });
      seen = { final: nothing(), partial: nothing(), batch: nothing() };
    },
    /** A file of which ten minutes always wait, all at once. */
    file() {
      const controller = new AbortController();
      const { signal } = controller;
      const sessionId = `file-${++session}`;
      const windows = async () => {
        while (!signal.aborted) await submit('batch', sessionId, fileWindowSeconds, { signal });
      };
      for (let i = 0; i < fileWindows; i++) void windows();
      return controller;
    },
    /** Finals and partials of two speakers, in regular intervals that are no multiples of each other. */
    async stream(ms) {
      const end = performance.now() + ms;
      const feed = async (lane, { seconds, everyMs }) => {
        for (let i = 0; performance.now() < end; i++) {
          void submit(lane, `speaker-${i % 2}`, seconds);
          await pause(everyMs * (0.75 + 0.5 * ((i * 0.618) % 1)));
        }
      };
      await Promise.all(Object.entries(live).map(([lane, given]) => feed(lane, given)));
    },
    /** Time from submitting one short window of a new session to its slot. */
    clip() {
      const submittedAt = performance.now();
      return new Promise((resolve) => {
        const onStarted = () => resolve(performance.now() - submittedAt);
        void submit('batch', `clip-${++session}`, clipSeconds, { onStarted });
      });
    },
    async idle() {
      while (scheduler.active > 0) await pause(20);
    },
    row(lane, ms) {
      const { waits, seconds, madeWay, lostMs } = seen[lane];
      const rate = ((seconds * 1_000) / ms).toFixed(1);
      const lost = (lostMs / 1_000).toFixed(1);
      return [waits.length, rate, ...waitColumns(lane === 'batch' ? [] : waits), madeWay, lost];
    },
    close: () => scheduler.close(),
  };
}

/** Median, 95th percentile and longest; of work that waits by design they say nothing. */
function waitColumns(waits) {
  if (waits.length === 0) return ['', '', ''];
  const sorted = waits.toSorted((a, b) => a - b);
  const at = (share) => Math.round(sorted[Math.ceil(share * sorted.length) - 1]);
  return [at(0.5), at(0.95), at(1)];
}

/** As sessions decode live windows while others wait, and as files are decoded. */
function windowOf(speech, lane, sessionId, seconds) {
  const pcm = speech.subarray(0, seconds * 16_000);
  const rung = lane === 'batch' ? rungs.tail : rungs.lean;
  const spoken = { language: 'en', task: 'transcribe', prompt: '', hotwords: [] };
  const options = decodeOptions(pcm.length, rung, spoken);
  return { sessionId, lane, pcm, options };
}

async function decodeSpeech() {
  const file = join(packageRoot, 'node_modules/nodejs-whisper/cpp/whisper.cpp/samples/jfk.mp3');
  const { path } = await findFfmpeg(undefined);
  const args = ['-v', 'error', '-i', file, '-f', 's16le', '-ac', '1', '-ar', '16000', '-'];
  const clip = new Int16Array(new Uint8Array(execFileSync(path, args)).buffer);
  const speech = new Int16Array(fileWindowSeconds * 16_000);
  for (let at = 0; at < speech.length; at += pausedSeconds * 16_000) speech.set(clip, at);
  return speech;
}

function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  console.log(JSON.stringify(await measure(), null, 2));
}
