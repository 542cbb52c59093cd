import { execFile } from 'node:child_process';
import { open, stat } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';

/** How often a piece is sent; a browser's recorder is set to about as much. */
const intervalMs = 100;
const largestPiece = 65_536;

/** A recording that cannot be used; the message says why. */
export class RecordingError extends Error {}

/**
 * Looks at an audio file.
 * @param {string} file
 * @param {string} ffmpeg
 * @returns {Promise<{ file: string, bytes: number, durationMs: number }>}
 * @throws RecordingError where it is missing or holds no audio.
 */
export async function openRecording(file, ffmpeg) {
  const { size: bytes } = await stat(file).catch(() => {
    throw new RecordingError(`There is no file ${file}.`);
  });
  const durationMs = await measure(file, ffmpeg);
  if (!durationMs) throw new RecordingError(`${file} holds no audio that ffmpeg can read.`);
  return { file, bytes, durationMs };
}

/** Decodes to nowhere: a header may be missing (a browser's WebM) or wrong about the duration. */
async function measure(file, ffmpeg) {
  const args = ['-v', 'error', '-i', file, '-vn', '-f', 'null', '-progress', 'pipe:1', '-'];
  try {
    const { stdout } = await promisify(execFile)(ffmpeg, args, { maxBuffer: 64 * 1024 * 1024 });
    // Microseconds, in spite of the name.
    return (
      Number(
        stdout
          .match(/out_time_ms=(\d+)/g)
          ?.at(-1)
          ?.split('=')[1] ?? 0,
      ) / 1000
    );
  } catch (error) {
    if (error.code === 'ENOENT') throw new RecordingError(`There is no ffmpeg at ${ffmpeg}.`);
    return 0;
  }
}

/**
 * The bytes of a recording as fast as it plays, in pieces.
 * @param {{ file: string, bytes: number, durationMs: number }} recording
 * @param {AbortSignal} signal Ends the stream early.
 */
export async function* playInRealTime({ file, bytes, durationMs }, signal) {
  const handle = await open(file);
  try {
    const begin = performance.now();
    let sent = 0;
    while (sent < bytes && !signal.aborted) {
      const due = Math.min(bytes, Math.ceil(((performance.now() - begin) / durationMs) * bytes));
      while (sent < due) {
        const piece = Buffer.alloc(Math.min(largestPiece, due - sent));
        const { bytesRead } = await handle.read(piece, 0, piece.length, sent);
        if (bytesRead === 0) return;
        sent += bytesRead;
        yield piece.subarray(0, bytesRead);
      }
      await wait(intervalMs);
    }
  } finally {
    await handle.close();
  }
}
