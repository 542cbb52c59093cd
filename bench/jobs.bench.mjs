// Run alone, `node bench/jobs.bench.mjs` prints its answer as JSON; it needs dist/ and the addon.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { findFfmpeg } from '../dist/audio/index.js';
import { loadConfig, packageRoot } from '../dist/config/index.js';
import { createGateway } from '../dist/gateway/index.js';

export const question = 'How long does a short job take while a long one runs?';

const clip = join(packageRoot, 'node_modules/nodejs-whisper/cpp/whisper.cpp/samples/jfk.mp3');
/** Ten minutes of many speakers; without it, the clip over and over. */
const recording = join(packageRoot, '../shared/audio/long/long-en-dev.flac');
const longSeconds = 600;
const shortSeconds = [11, 60];
const times = 5;

/** From the first byte of the upload to the event that says that the job has succeeded. */
export async function measure() {
  const folder = mkdtempSync(join(tmpdir(), 'bench-jobs-'));
  const gateway = await createGateway(loadConfig({ port: 0, logLevel: 'silent', dataDir: folder }));
  try {
    const long = await repeated(longSeconds, existsSync(recording) ? recording : clip);
    const rows = [];
    await finish(gateway, await create(gateway, readFileSync(clip)));
    for (const seconds of shortSeconds) {
      const short = seconds === 11 ? readFileSync(clip) : await repeated(seconds, clip);
      rows.push([`${seconds} s alone`, ...(await measureJobs(gateway, short, async () => {}))]);
      const busy = keptBusy(gateway, long);
      rows.push([`${seconds} s beside ten minutes`, ...(await measureJobs(gateway, short, busy))]);
      await busy(true);
    }
    return { columns: ['job', 'times', 'median (s)', 'shortest (s)', 'longest (s)'], rows };
  } finally {
    await gateway.close();
    rmSync(folder, { recursive: true });
  }
}

async function measureJobs(gateway, bytes, before) {
  const took = [];
  for (let i = 0; i < times; i++) {
    await before();
    const startedAt = performance.now();
    await finish(gateway, await create(gateway, bytes));
    took.push((performance.now() - startedAt) / 1_000);
    // Not all of them come at the same point of the long one's windows.
    await pause(100 + 370 * i);
  }
  took.sort((a, b) => a - b);
  const shown = [took[Math.floor(times / 2)], took[0], took.at(-1)].map((each) => each.toFixed(1));
  return [times, ...shown];
}

async function create({ url }, bytes) {
  const body = new FormData();
  body.append('file', new Blob([bytes]), 'recording');
  const { data } = await (await fetch(`${url}/v1/jobs`, { method: 'POST', body })).json();
  return data[0].id;
}

async function get({ url }, id) {
  return (await fetch(`${url}/v1/jobs/${id}`)).json();
}

/** Its stream of events ends when it does. */
async function finish(gateway, id) {
  await text((await fetch(`${gateway.url}/v1/jobs/${id}/events`)).body);
  const { state } = await get(gateway, id);
  if (state !== 'succeeded') throw new Error(`It has ${state}.`);
}

/** A long job that is well under way, another one where the last is nearly over; in the end none. */
function keptBusy(gateway, bytes) {
  let id;
  return async (over = false) => {
    const done = id ? (await get(gateway, id)).progress.done_seconds : longSeconds;
    if (!over && done < longSeconds / 2) return;
    if (id) await fetch(`${gateway.url}/v1/jobs/${id}`, { method: 'DELETE' });
    if (over) return;
    id = await create(gateway, bytes);
    while ((await get(gateway, id)).progress.done_seconds < 20) await pause(100);
  };
}

async function repeated(seconds, path) {
  const { path: ffmpeg } = await findFfmpeg(undefined);
  const input = ['-stream_loop', '-1', '-i', path, '-t', String(seconds)];
  const output = ['-ar', '16000', '-ac', '1', '-f', 'wav', 'pipe:1'];
  return execFileSync(ffmpeg, ['-v', 'error', ...input, ...output], { maxBuffer: 2 ** 27 });
}

function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  console.log(JSON.stringify(await measure(), null, 2));
}
