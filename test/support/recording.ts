import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import installer from '@ffmpeg-installer/ffmpeg';
import { jfkPath } from './jfk.js';
import type { NamedFile } from './jobs-client.js';
import { temporaryFolder } from './temporary-folder.js';

/** The clip so many times, without its first tenths of a second: no two are the same audio. */
export function recording(times: number, skippedTenths: number): NamedFile {
  const path = join(temporaryFolder(), 'clip.wav');
  const cut = ['-stream_loop', `${times - 1}`, '-i', jfkPath, '-ss', `${skippedTenths / 10}`];
  execFileSync(installer.path, ['-v', 'error', ...cut, '-ar', '16000', '-ac', '1', path]);
  return { name: `clip-${times}-${skippedTenths}.wav`, bytes: readFileSync(path) };
}
