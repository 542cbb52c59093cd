import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export const sampleRate = 16_000;

/** The recordings lie next to the repository, and are no part of it. */
export const sharedAudio = fileURLToPath(new URL('../../../../shared/audio', import.meta.url));

/** @returns {string | null} What is missing, in plain words. */
export function missingAudio() {
  if (existsSync(join(sharedAudio, 'manifest.jsonl'))) return null;
  return 'The live bench needs the recordings in ../shared/audio (with its manifest.jsonl), next to the repository; they are not here.';
}

/**
 * @returns {Map<string, { file: string, text: string | null, seconds: number, speaker?: string }>} By
 *   the name of the file, without its folder and endings. Of several of one name, which are the same
 *   recording in other containers, the first counts.
 */
export function readManifest() {
  const entries = new Map();
  for (const line of readFileSync(join(sharedAudio, 'manifest.jsonl'), 'utf8').split('\n')) {
    if (!line.trim()) continue;
    const entry = JSON.parse(line);
    const [name] = basename(entry.file).split('.');
    if (!entries.has(name)) entries.set(name, entry);
  }
  return entries;
}

/**
 * Decodes a recording.
 * @param {string} file Relative to the shared folder.
 * @returns {Promise<Int16Array>} 16 kHz mono.
 */
export async function decode(file) {
  const ffmpeg = process.env.FFMPEG_PATH ?? 'ffmpeg';
  const args = ['-v', 'error', '-i', join(sharedAudio, file), '-f', 's16le'];
  const { stdout } = await promisify(execFile)(ffmpeg, [...args, '-ar', '16000', '-ac', '1', '-'], {
    encoding: 'buffer',
    maxBuffer: 256 * 1024 * 1024,
  });
  return new Int16Array(stdout.buffer.slice(stdout.byteOffset, stdout.byteOffset + stdout.length));
}
