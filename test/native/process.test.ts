import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { addonPath, modelPath, voiceActivityPath } from './support.js';

/** Runs a program in a process of its own and reports how that ended. */
async function runProgram(name: string, ...args: string[]) {
  const program = fileURLToPath(new URL(`programs/${name}`, import.meta.url));
  const child = spawn(process.execPath, [program, addonPath, ...args]);
  let output = '';
  child.stdout.on('data', (bytes) => (output += bytes));
  child.stderr.on('data', (bytes) => (output += bytes));
  const [code, signal] = await once(child, 'close');
  return { code, signal, output };
}

function run(end: string) {
  return runProgram('transcribe.mjs', modelPath, voiceActivityPath, end);
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

const folder = mkdtempSync(join(tmpdir(), 'native-process-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('when ggml aborts the process, its last words are on stderr', async () => {
  // Seven heads do not divide 512 channels, which ggml finds out when it builds the first graph.
  const model = readFileSync(modelPath);
  const headsOffset = 16;
  model.writeInt32LE(7, headsOffset);
  const path = join(folder, 'seven-heads.bin');
  writeFileSync(path, model);

  const { code, signal, output } = await runProgram('abort.mjs', path);
  expect({ code, signal }).toEqual({ code: null, signal: 'SIGABRT' });
  expect(output).toMatch(/ggml.*GGML_ASSERT/);
});
