import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'ws';

export const question = 'What does a socket cost with ws, and what with uWebSockets.js?';

const counts = [50, 500, 5_000];
/** Sockets that are being opened at the same time. */
const atOnce = 50;
const activeSeconds = 8;
/** Frames that all sockets together send in a second while they are active. */
const framesASecond = 4_000;
/** How long memory and CPU are left to settle. */
const settleMs = 2_000;

/** The gateway runs in a process of its own with the scripted engine, its clients in this one, over loopback. */
export async function measure() {
  const rows = [];
  for (const count of counts) {
    for (const streamServer of ['ws', 'uws']) rows.push(await one(streamServer, count));
  }
  return {
    columns: [
      'server',
      'sockets',
      'opened a second',
      'memory a socket (kB)',
      'CPU idle (%)',
      'CPU a frame and its answer (µs)',
      'answers after (ms, median / 99 %)',
    ],
    rows,
  };
}

async function one(streamServer, count) {
  const dataDir = mkdtempSync(join(tmpdir(), 'whisper-gateway-bench-'));
  const settings = {
    streamServer,
    dataDir,
    maxConnections: 2 * count,
    addressMaxConnections: 0,
    addressRequestsAMinute: 0,
    idleTimeoutMs: 600_000,
    maxFinalWaitMs: 0,
  };
  const gateway = fork(new URL('support/scripted-gateway.mjs', import.meta.url), [
    JSON.stringify(settings),
  ]);
  try {
    const [{ streamUrl }] = await once(gateway, 'message');
    const cost = async () => {
      gateway.send('cost');
      return (await once(gateway, 'message'))[0];
    };
    // The first sockets load code that all of them share.
    for (const socket of await open(streamUrl, 10)) socket.terminate();
    await settle();
    const before = await cost();
    const began = performance.now();
    const sockets = await open(streamUrl, count);
    const openSeconds = (performance.now() - began) / 1000;
    await settle();
    const idleFrom = await cost();
    await settle();
    const idleTo = await cost();
    const idleCpuUs = (idleTo.cpuUs - idleFrom.cpuUs) / (settleMs / 1000);
    const { frames, delays, seconds } = await exchange(sockets);
    const after = await cost();
    const frameCpuUs = (after.cpuUs - idleTo.cpuUs - idleCpuUs * seconds) / frames;
    for (const socket of sockets) socket.terminate();
    delays.sort((a, b) => a - b);
    const percentile = (share) => delays[Math.floor(delays.length * share)].toFixed(1);
    return [
      streamServer,
      count,
      Math.round(count / openSeconds),
      ((idleFrom.rssBytes - before.rssBytes) / 1000 / count).toFixed(1),
      (idleCpuUs / 10_000).toFixed(1),
      frameCpuUs.toFixed(1),
      `${percentile(0.5)} / ${percentile(0.99)}`,
    ];
  } finally {
    gateway.disconnect();
    await once(gateway, 'exit');
    rmSync(dataDir, { recursive: true, force: true });
  }
}

async function open(url, count) {
  const sockets = [];
  const worker = async () => {
    while (sockets.length < count) {
      const socket = new WebSocket(`${url.replace('http', 'ws')}/v1/stream`);
      sockets.push(socket);
      await once(socket, 'open');
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, worker));
  return sockets;
}

/** Sockets take turns to send a `ping`, at a fixed rate; how long each `pong` took. */
async function exchange(sockets) {
  const delays = [];
  const sentAt = new Map();
  for (const socket of sockets) {
    socket.on('message', () => {
      delays.push(performance.now() - sentAt.get(socket).shift());
    });
    sentAt.set(socket, []);
  }
  const began = performance.now();
  let frames = 0;
  while (performance.now() - began < activeSeconds * 1000) {
    const due = ((performance.now() - began) / 1000) * framesASecond;
    for (; frames < due; frames++) {
      const socket = sockets[frames % sockets.length];
      sentAt.get(socket).push(performance.now());
      socket.send('{"type":"ping"}');
    }
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  while (delays.length < frames) await new Promise((resolve) => setTimeout(resolve, 10));
  return { frames, delays, seconds: (performance.now() - began) / 1000 };
}

function settle() {
  return new Promise((resolve) => setTimeout(resolve, settleMs));
}
