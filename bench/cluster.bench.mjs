// Run alone, `node bench/cluster.bench.mjs` prints its answer as JSON; it needs dist/, the addon and a
// nats-server. Takes about three minutes.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { packageRoot } from '../dist/config/index.js';
import { createWorkerPool, ScriptedEngine, spoken } from '../dist/engine/index.js';
import { InferenceHost, InferenceHosts, NatsEngine } from '../dist/hosts/index.js';
import { connectNats } from '../dist/nats/index.js';
import { decodeSpeech, parametersFor, repeat } from './support/decoding.mjs';

export const question =
  'What does inference over NATS cost, with two worker processes instead of one on the same cores?';

const entry = fileURLToPath(new URL('../dist/main.js', import.meta.url));
/** Lengths of windows, and how often each is sent with the scripted engine, whose answer takes no time. */
const lengths = [1, 5, 28];
const sent = 400;
/** With the model: windows of this length, on two slots, one after the other. */
const modelSeconds = 5;
const modelWindows = 60;
const rounds = 2;
const slots = 2;
const theWay = 'the way alone';
const never = new AbortController().signal;

export async function measure() {
  const nats = await startNats();
  if (!nats) return { unavailable: 'there is no nats-server' };
  try {
    return {
      columns: [
        'what',
        'window (s)',
        'in this process, median ms',
        '95 % ms',
        'over NATS, median ms',
        '95 % ms',
        'windows/s here',
        'windows/s over NATS',
      ],
      rows: [...(await delays(nats.url)), await throughput(nats.url)],
    };
  } finally {
    await nats.close();
  }
}

/** What a window takes beside its inference, which here takes no time. */
async function delays(url) {
  const answer = spoken([['hello', 0, 400]]);
  const scripted = () => new ScriptedEngine({ slots, script: () => answer });
  const local = scripted();
  const hosts = [await serve(url, scripted()), await serve(url, scripted())];
  const remote = await engineOver(url, 'scripted', 'scripted', hosts.length);
  const rows = [];
  for (const seconds of lengths) {
    const window = windowOf(new Int16Array(seconds * 16_000).fill(1));
    const [here, there] = [
      await timesOf(local, window, sent),
      await timesOf(remote.engine, window, sent),
    ];
    rows.push(row(theWay, seconds, here, there));
  }
  await remote.close();
  for (const host of hosts) await host.close();
  return rows;
}

/** The same windows on the same cores: in one process with two slots, and in two with one each. */
async function throughput(url) {
  const speech = repeat(decodeSpeech(), modelSeconds);
  const window = windowOf(
    Int16Array.from(speech, (sample) => sample * 32_767),
    speech,
  );
  const [here, there] = [[], []];
  // In turns: what else the machine does befalls both.
  for (let round = 0; round < rounds; round++) {
    const pool = await createWorkerPool({
      devices: [
        { gpu: null, slots, addonPath: join(packageRoot, 'build/cpu/whisper_gateway.node') },
      ],
      model: { name: 'base-q8_0', path: join(packageRoot, 'models/ggml-base-q8_0.bin') },
      ...{ threads: 1, cores: slots, startTimeoutMs: 60_000, requestTimeoutMs: 60_000 },
      ...{ liveTimeoutMs: 60_000, memoryQuietMs: 600_000 },
    });
    here.push(await timesOf(pool, window, modelWindows / rounds));
    await pool.close();
    const workers = [await startWorker(url), await startWorker(url)];
    const remote = await engineOver(url, 'model', 'base-q8_0', workers.length);
    there.push(await timesOf(remote.engine, window, modelWindows / rounds));
    await remote.close();
    for (const worker of workers) await worker.close();
  }
  const all = (results) => ({
    times: results.flatMap(({ times }) => times).sort((a, b) => a - b),
    wholeMs: results.reduce((sum, { wholeMs }) => sum + wholeMs, 0),
  });
  return row('the model, two at a time', modelSeconds, all(here), all(there));
}

/** So many windows, as many at a time as there are slots; the scripted ones one by one. */
async function timesOf(engine, window, count) {
  const atATime = engine.info.backend === 'scripted' ? 1 : slots;
  // The first ones set things up.
  for (let warm = 0; warm < 2 * slots; warm++) await engine.transcribe(window, never);
  const times = [];
  let left = count;
  const begin = performance.now();
  await Promise.all(
    Array.from({ length: atATime }, async () => {
      while (left-- > 0) {
        const started = performance.now();
        await engine.transcribe(window, never);
        times.push(performance.now() - started);
      }
    }),
  );
  return { times: times.sort((a, b) => a - b), wholeMs: performance.now() - begin };
}

function row(what, seconds, here, there) {
  const at = ({ times }, share) => times[Math.floor(share * (times.length - 1))].toFixed(2);
  // Of windows that take no time it says nothing.
  const aSecond = ({ times, wholeMs }) =>
    what === theWay ? '' : ((times.length * 1_000) / wholeMs).toFixed(2);
  const figures = [at(here, 0.5), at(here, 0.95), at(there, 0.5), at(there, 0.95)];
  return [what, seconds, ...figures, aSecond(here), aSecond(there)];
}

function windowOf(pcm, speech) {
  const { audioContext } = speech ? parametersFor(speech, 'cut') : { audioContext: 0 };
  const plain = { language: 'en', task: 'transcribe', prompt: '', tail: null, beamSize: 1 };
  const greedy = { temperature: 0, temperatureIncrement: 0, maxTokens: 0, alignWords: false };
  return { sessionId: 'bench', lane: 'batch', pcm, options: { ...plain, ...greedy, audioContext } };
}

async function engineOver(url, prefix, model, count) {
  const connection = await connectNats({ url, name: 'gateway' });
  const hosts = new InferenceHosts({ connection, prefix, waitMs: 60_000 });
  while (hosts.all.length < count) await new Promise((resolve) => setTimeout(resolve, 20));
  const engine = new NatsEngine(model, hosts);
  const close = async () => {
    await engine.close();
    hosts.close();
    await connection.close();
  };
  return { engine, close };
}

/** A host in this process, on a connection of its own: what is measured is the way there and back. */
async function serve(url, engine) {
  const connection = await connectNats({ url, name: 'host' });
  const { model: name } = engine.info;
  const host = await InferenceHost.open({
    ...{ connection, prefix: 'scripted', name: 'host', version: 'bench', engine },
    models: async () => [{ name, since: 0, languages: null, loaded: true }],
    load: async () => {},
  });
  const close = async () => {
    await host.close();
    await connection.close();
  };
  return { close };
}

async function startWorker(url) {
  const env = { NATS_URL: url, NATS_PREFIX: 'model', ASR_SLOTS: '1', ASR_THREADS: '1' };
  const child = spawn(process.execPath, [entry, 'worker'], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, LOG_LEVEL: 'silent', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  return { close: () => ended(child, 'SIGTERM') };
}

/** Null where it is not installed. */
async function startNats() {
  const folder = mkdtempSync(join(tmpdir(), 'cluster-'));
  const port = await freePort();
  const args = ['-a', '127.0.0.1', '-p', String(port), '-js', '-sd', folder];
  const child = spawn('nats-server', args, { stdio: 'ignore' });
  const missing = await Promise.race([
    once(child, 'error'),
    once(child, 'spawn').then(() => null),
  ]).catch((error) => error);
  if (missing) return null;
  const url = `nats://127.0.0.1:${port}`;
  for (let tries = 0; ; tries++) {
    const connection = await connectNats({ url, name: 'probe' }).catch((error) => {
      if (tries > 50) throw error;
    });
    if (connection) {
      await connection.close();
      break;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const close = async () => {
    await ended(child, 'SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  };
  return { url, close };
}

async function ended(child, signal) {
  const gone = once(child, 'exit');
  child.kill(signal);
  await gone;
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  console.log(JSON.stringify(await measure(), null, 2));
  process.exit(0);
}
