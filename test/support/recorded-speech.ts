import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { findFfmpeg } from '../../src/audio/index.js';
import { jfkAs } from './jfk.js';
import { sharedAudio } from './shared-audio.js';

const pcmBytesPerSecond = 32_000;

/** Speech of this length as samples: a recording where there is one, else Kennedy again and again. */
export async function recordedSpeech(seconds: number): Promise<Buffer> {
  const bytes = seconds * pcmBytesPerSecond;
  if (!sharedAudio) {
    const clip = await jfkAs();
    return Buffer.concat(Array.from({ length: Math.ceil(seconds / 11) }, () => clip)).subarray(
      0,
      bytes,
    );
  }
  const { path } = await findFfmpeg(undefined);
  const input = ['-i', join(sharedAudio, 'long/long-en-dev.flac'), '-t', String(seconds)];
  const output = ['-f', 's16le', '-ar', '16000', '-ac', '1', 'pipe:1'];
  return execFileSync(path, ['-v', 'error', ...input, ...output], { maxBuffer: 1 << 28 });
}
