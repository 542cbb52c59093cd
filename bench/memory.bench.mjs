import { execFileSync, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { findFfmpeg } from '../dist/audio/index.js';
import { packageRoot } from '../dist/config/index.js';

export const question = 'How much memory does a connection take?';

const connections = 50;
const clip = join(packageRoot, 'node_modules/nodejs-whisper/cpp/whisper.cpp/samples/jfk.mp3');

/** A gateway of its own, its children told apart, before, under and after 50 streams that speak. */
export async function measure() {
  const gateway = spawn(process.execPath, [join(packageRoot, 'dist/main.js')], {
    env: { ...process.env, PORT: '0', LOG_LEVEL: 'silent', DRAIN_TIMEOUT_MS: '600000' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const url = await new Promise((resolve) => {
    gateway.stdout.on('data', (text) => {
      const found = /http:\/\/\S+/.exec(String(text));
      if (found) resolve(found[0]);
    });
  });
  try {
    // One stream first, so that what is allocated once is not counted as a connection's.
    await Promise.all((await openStreams(url, 1)).map(finish));
    const before = megabytes(gateway.pid);
    const sockets = await openStreams(url, connections);
    const during = megabytes(gateway.pid);
    await Promise.all(sockets.map(finish));
    const after = megabytes(gateway.pid);
    const each = (part) => ((during[part] - before[part]) / connections).toFixed(1);
    return {
      columns: ['part', 'before MB', `with ${connections} streams MB`, 'a stream MB', 'after MB'],
      rows: ['gateway', 'voice activity', 'inference worker', 'ffmpeg'].map((part) => [
        part,
        before[part].toFixed(0),
        during[part].toFixed(0),
        each(part),
        after[part].toFixed(0),
      ]),
    };
  } finally {
    gateway.kill('SIGTERM');
  }
}

/** Sockets that have sent the clip as MP3, so that each has its own ffmpeg, and have been heard. */
async function openStreams(url, count) {
  const { path } = await findFfmpeg(undefined);
  const audio = execFileSync(path, ['-v', 'error', '-i', clip, '-f', 'mp3', 'pipe:1']);
  return Promise.all(
    Array.from({ length: count }, async () => {
      const socket = new WebSocket(`${url.replace('http', 'ws')}/v1/stream`);
      await new Promise((resolve) => socket.once('open', resolve));
      const start = { type: 'start_transcription', language: 'en', interim_results: false };
      socket.send(JSON.stringify(start));
      const heard = new Promise((resolve) => {
        socket.on('message', (data) => String(data).includes('speech_started') && resolve());
      });
      for (let i = 0; i < audio.length; i += 8_192) socket.send(audio.subarray(i, i + 8_192));
      await heard;
      return socket;
    }),
  );
}

async function finish(socket) {
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.send('{"type":"stop_transcription"}');
  await closed;
}

/** Memory of the gateway and of its children by kind; a page that several share is divided among them. */
function megabytes(gateway) {
  const sum = {
    gateway: proportional(gateway),
    'voice activity': 0,
    'inference worker': 0,
    ffmpeg: 0,
  };
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const parent = /\) \S (\d+)/.exec(read(`/proc/${pid}/stat`))?.[1];
    if (Number(parent) !== gateway) continue;
    const command = read(`/proc/${pid}/cmdline`);
    if (command.includes('voice-activity-main')) sum['voice activity'] += proportional(pid);
    else if (command.includes('worker-main')) sum['inference worker'] += proportional(pid);
    else if (command.includes('ffmpeg')) sum.ffmpeg += proportional(pid);
  }
  return sum;
}

function proportional(pid) {
  return Number(/^Pss:\s+(\d+)/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0) / 1024;
}

function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // The process ended between the listing and the look.
    return '';
  }
}
