import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findFfmpeg } from '../../src/audio/index.js';
import { packageRoot } from '../../src/config/index.js';

/** The public-domain clip that comes with whisper.cpp: 11 s of John F. Kennedy, 1961. */
export const jfkPath = join(
  packageRoot,
  'node_modules/nodejs-whisper/cpp/whisper.cpp/samples/jfk.mp3',
);

/** What he says. */
export const jfkText =
  'And so my fellow Americans ask not what your country can do for you ask what you can do for your country';

export const jfkMp3 = readFileSync(jfkPath);

/** The clip as 16 kHz mono s16 bytes, or as whatever `args` of ffmpeg say. */
export async function jfkAs(...args: string[]): Promise<Buffer> {
  const { path } = await findFfmpeg(undefined);
  const output = args.length > 0 ? args : ['-f', 's16le', '-ar', '16000', '-ac', '1'];
  return execFileSync(path, ['-v', 'error', '-i', jfkPath, ...output, 'pipe:1'], {
    maxBuffer: 100_000_000,
  });
}
