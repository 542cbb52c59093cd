import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { addonPath, modelPath, voiceActivityPath } from './support.js';

const program = fileURLToPath(new URL('programs/transcribe.mjs', import.meta.url));

/** Runs the program in a process of its own and reports how that ended. */
async function run(end: string) {
  const child = spawn(process.execPath, [program, addonPath, modelPath, voiceActivityPath, end]);
  let output = '';
  child.stdout.on('data', (bytes) => (output += bytes));
  child.stderr.on('data', (bytes) => (output += bytes));
  const [code, signal] = await once(child, 'close');
  return { code, signal, output };
}

test('nothing is printed, whether work succeeds, fails or is aborted', async () => {
  expect(await run('quietly')).toEqual({ code: 0, signal: null, output: '' });
});

test('a process may exit in the middle of transcriptions', async () => {
  expect(await run('exit')).toEqual({ code: 7, signal: null, output: '' });
});

test('a worker thread may be terminated in the middle of transcriptions', async () => {
  expect(await run('terminate')).toEqual({ code: 0, signal: null, output: '' });
});
