import { randomUUID } from 'node:crypto';
import {
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

const pollMs = 200;
const heartbeatMs = 5_000;
/** A holder on another host (a shared folder) counts as gone when it has not stirred for so long. */
const silentMs = 120_000;

/**
 * Does `work` while holding the lock file at `path`: one process at a time, over all processes.
 * A lock whose holder died is taken over, so none has to be removed by hand.
 * @template T
 * @param {string} path
 * @param {() => Promise<T>} work
 * @param {(holder: { pid: number }) => void} [onWait] Called once where somebody else holds it.
 * @returns {Promise<T>}
 */
export async function withLock(path, work, onWait = () => {}) {
  mkdirSync(dirname(path), { recursive: true });
  const mine = JSON.stringify({ pid: process.pid, host: hostname(), id: randomUUID() });
  let told = false;
  while (!create(path, mine)) {
    const holder = look(path);
    if (holder && isGone(holder) && takeOver(path, holder.text, mine)) break;
    if (holder?.pid && !told) {
      told = true;
      onWait({ pid: holder.pid });
    }
    await wait(pollMs);
  }
  const heartbeat = setInterval(() => touch(path), heartbeatMs);
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    rmSync(path, { force: true });
  }
}

/** True where the file is ours now, false where there is one already. */
function create(path, text) {
  try {
    writeFileSync(path, text, { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

/** Who holds the lock; null where it has just been let go. */
function look(path) {
  try {
    const text = readFileSync(path, 'utf8');
    const idleMs = Date.now() - statSync(path).mtimeMs;
    // Between its creation and its first byte the file is empty: then only its age tells.
    return { text, idleMs, ...(text ? JSON.parse(text) : {}) };
  } catch (error) {
    if (error.code === 'ENOENT') return null;
    throw error;
  }
}

function isGone({ pid, host, idleMs }) {
  if (host === hostname() && !isAlive(pid)) return true;
  return idleMs > silentMs;
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/**
 * Puts our claim in the place of a dead holder's. Many may try at once, each with what it read some
 * time ago: one at a time looks again and replaces, so that none replaces a living one's.
 */
function takeOver(path, deadText, mine) {
  const turn = `${path}.takeover`;
  if (!create(turn, '')) {
    // It is held for microseconds; an old one belongs to a process that died within them.
    if ((look(turn)?.idleMs ?? 0) > silentMs) rmSync(turn, { force: true });
    return false;
  }
  try {
    if (look(path)?.text !== deadText) return false;
    writeFileSync(`${path}.next`, mine);
    renameSync(`${path}.next`, path);
    return true;
  } finally {
    rmSync(turn, { force: true });
  }
}

function touch(path) {
  try {
    utimesSync(path, new Date(), new Date());
  } catch {
    // Somebody removed the file by hand; the work goes on without it.
  }
}
