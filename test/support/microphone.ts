import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { jfkAs } from './jfk.js';

/** The clip after a moment: a fake microphone plays from when it is opened. */
export async function jfkMicrophone(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'whisper-gateway-microphone-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'microphone.wav');
  await writeFile(file, await jfkAs('-af', 'adelay=1500', '-ar', '48000', '-f', 'wav'));
  return file;
}
