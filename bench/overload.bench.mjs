// Run alone, `node bench/overload.bench.mjs` prints its answer as JSON; it needs dist/, the addon and the
// recordings beside the repository. Takes about five minutes.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { WebSocket } from 'ws';
import { missingAudio } from './live/audio/shared-audio.mjs';
import { Library } from './live/audio/streams.mjs';
import { UsageMeter } from './live/measure/process-tree.mjs';
import { startServer } from './live/systems/child-server.mjs';

export const question = 'What becomes of captions when three times too many come?';

const entry = fileURLToPath(new URL('../dist/main.js', import.meta.url));
/** Streams that come, and whether more than can be served in time are refused. */
const rounds = [
  { offered: 8, refuses: true },
  { offered: 24, refuses: false },
  { offered: 24, refuses: true },
];
/** How long those who were refused come again. */
const roundMs = 50_000;
/** The next one comes after this time. */
const arrivalMs = 400;
const speechSeconds = 30;
const frameMs = 100;
/** One in so many reads nothing while it speaks. */
const slowReaders = 6;

export async function measure() {
  const missing = missingAudio();
  if (missing) return { unavailable: missing };
  const library = new Library();
  const most = Math.max(...rounds.map(({ offered }) => offered));
  const streams = [];
  for (let index = 0; index < most; index++) {
    streams.push((await library.ofOneVoice('en', index, speechSeconds)).pcm);
  }
  const rows = [];
  for (const round of rounds) rows.push(await measureRound(streams.slice(0, round.offered), round));
  return {
    columns: [
      'streams that come',
      'more are',
      'served',
      'refusals',
      'end of speech → final, median ms',
      '95 % ms',
      'partials a stream and s',
      'shed s',
      'memory at most, MB',
    ],
    rows,
  };
}

async function measureRound(streams, { offered, refuses }) {
  const dataDir = mkdtempSync(join(tmpdir(), 'overload-'));
  const server = await startServer(process.execPath, [entry, 'start'], {
    env: {
      PORT: '0',
      DATA_DIR: dataDir,
      LOG_LEVEL: 'warn',
      MAX_CONNECTIONS: '200',
      ...(!refuses && { MAX_FINAL_WAIT_MS: '0' }),
    },
    isReady: (output) => /listens at/.test(output),
  });
  const url = /listens at http:(\S+)/.exec(server.output())[1];
  const meter = new UsageMeter(server.pid);
  const until = performance.now() + roundMs;
  const results = await Promise.all(
    streams.map(async (pcm, index) => {
      await wait(index * arrivalMs);
      const reads = index % slowReaders !== slowReaders - 1;
      return speak(`ws:${url}/v1/stream`, pcm, until, reads);
    }),
  );
  const { sharedBytes } = meter.read();
  meter.close();
  await server.close();
  rmSync(dataDir, { recursive: true });
  const served = results.filter(({ heardMs }) => heardMs > 0);
  const readers = served.filter(({ reads }) => reads);
  const delays = readers.flatMap((result) => result.delays).sort((a, b) => a - b);
  const sum = (list, field) => list.reduce((total, result) => total + result[field], 0);
  const at = (share) => Math.round(delays[Math.floor(share * (delays.length - 1))] ?? 0);
  return [
    offered,
    refuses ? 'refused' : 'taken',
    served.length,
    sum(results, 'refusals'),
    at(0.5),
    at(0.95),
    (sum(readers, 'partials') / (sum(readers, 'heardMs') / 1_000)).toFixed(2),
    (sum(served, 'shedMs') / 1_000).toFixed(1),
    Math.round(sharedBytes / 1e6),
  ];
}

/** One client, which comes again when it is told to, as long as there is time. */
async function speak(url, pcm, until, reads) {
  const result = { reads, delays: [], partials: 0, refusals: 0, heardMs: 0, shedMs: 0 };
  while (performance.now() < until) {
    const retryMs = await attempt(url, pcm, result);
    if (retryMs === null) break;
    result.refusals++;
    await wait(retryMs);
  }
  return result;
}

/** @returns {Promise<number | null>} When to try again; null where it was served. */
function attempt(url, pcm, result) {
  return new Promise((resolve) => {
    const socket = new WebSocket(url);
    let begin = 0;
    let retryMs = null;
    const audio = { format: 'pcm_s16le' };
    socket.on('open', () =>
      socket.send(JSON.stringify({ type: 'start_transcription', language: 'en', audio })),
    );
    socket.on('message', (text) => {
      const event = JSON.parse(text);
      if (event.type === 'transcription_started') {
        begin = performance.now();
        if (!result.reads) socket.pause();
        void play(socket, pcm, begin);
      }
      if (event.type === 'partial') result.partials++;
      if (event.type === 'final') result.delays.push(performance.now() - begin - event.end_ms);
      if (event.type === 'transcription_failed') retryMs = event.retry_after_ms ?? 5_000;
      if (event.type === 'transcription_stopped') {
        result.heardMs += event.ledger.received_ms;
        result.shedMs += event.ledger.shed_ms;
      }
    });
    socket.on('close', () => resolve(retryMs));
    socket.on('error', () => {});
  });
}

async function play(socket, pcm, begin) {
  const samples = frameMs * 16;
  for (let from = 0; from < pcm.length; from += samples) {
    const frame = pcm.subarray(from, from + samples);
    await wait(begin + (from + frame.length) / 16 - performance.now());
    if (socket.readyState !== WebSocket.OPEN) return;
    socket.send(new Uint8Array(frame.buffer, frame.byteOffset, frame.byteLength));
  }
  socket.send(JSON.stringify({ type: 'stop_transcription' }));
  socket.resume();
}

function wait(ms) {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  console.log(JSON.stringify(await measure(), null, 2));
  process.exit(0);
}
