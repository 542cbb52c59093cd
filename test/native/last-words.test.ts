import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { errorOfEnd } from '../../src/engine/process-end.js';

const folder = mkdtempSync(join(tmpdir(), 'last-words-'));
const addon = join(folder, 'last-words.node');
afterAll(() => rmSync(folder, { recursive: true }));

beforeAll(() => {
  const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
  const { resolve } = createRequire(import.meta.url);
  const whisper = join(dirname(resolve('nodejs-whisper/package.json')), 'cpp/whisper.cpp');
  const includes = [
    here('../../native'),
    dirname(resolve('node-addon-api/package.json')),
    join(dirname(resolve('node-api-headers/package.json')), 'include'),
    join(whisper, 'include'),
    join(whisper, 'ggml/include'),
  ].flatMap((path) => ['-I', path]);
  const flags = [
    '-std=c++17',
    '-shared',
    '-fPIC',
    '-DNAPI_VERSION=8',
    '-DNODE_ADDON_API_CPP_EXCEPTIONS',
  ];
  const sources = [here('programs/last-words.cc'), here('../../native/logging.cc')];
  execFileSync('c++', [...flags, ...includes, ...sources, '-o', addon]);
});

/** Fails after so many other errors, in a process of its own. */
function fail(earlierErrors: number) {
  const program = `require(${JSON.stringify(addon)}).fail(${earlierErrors})`;
  const { status, signal, stderr } = spawnSync(process.execPath, ['-e', program], {
    encoding: 'utf8',
  });
  return { code: status, signal, lastWords: stderr.trimEnd().split('\n'), kernelKilled: false };
}

test('a GPU that runs out of memory while computing leaves words that say so', () => {
  const end = fail(0);
  expect(end.signal).toBe('SIGABRT');
  expect(end.lastWords).toEqual([
    'CUDA error: out of memory',
    '  cudaMalloc(&ptr, size)',
    'ggml-cuda.cu:103: CUDA error',
  ]);
  expect(errorOfEnd(end).code).toBe('engine_out_of_memory');
});

test('of many errors the newest are told', () => {
  const { lastWords } = fail(10_000);
  expect(lastWords.slice(-3)).toEqual([
    'CUDA error: out of memory',
    '  cudaMalloc(&ptr, size)',
    'ggml-cuda.cu:103: CUDA error',
  ]);
  expect(lastWords.join('\n').length).toBeLessThan(5_000);
});
