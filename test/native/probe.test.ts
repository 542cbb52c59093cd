import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { type AddonFailure, probeAddon } from '../../src/engine/index.js';
import { addon, addonPath } from './support.js';

const folder = mkdtempSync(join(tmpdir(), 'probe-'));
afterAll(() => rmSync(folder, { recursive: true }));
const source = fileURLToPath(new URL('programs/bad-addon.c', import.meta.url));

/** Compiles a library that misbehaves as the definition says, and returns its path. */
function badAddon(name: string, ...flags: string[]): string {
  const path = join(folder, `${name}.node`);
  execFileSync('c++', ['-x', 'c', '-shared', '-fPIC', source, '-x', 'none', '-o', path, ...flags]);
  return path;
}

async function failureOf(path: string, timeoutMs?: number): Promise<AddonFailure> {
  const probe = await probeAddon(path, timeoutMs === undefined ? {} : { timeoutMs });
  if (probe.loads) throw new Error(`${path} loads.`);
  return probe;
}

test('an addon that loads is described', async () => {
  expect(await probeAddon(addonPath)).toEqual({
    loads: true,
    whisperVersion: addon.whisperVersion,
    builtFor: 'cpu',
    openmp: addon.openmp,
    cudaArchitectures: '',
    gpuFlashAttention: false,
    backends: ['cpu'],
    gpuProblem: null,
    devices: [
      {
        name: 'CPU',
        description: expect.stringMatching(/\S/),
        kind: 'cpu',
        totalMemory: expect.any(Number),
        freeMemory: expect.any(Number),
        computeCapability: null,
        pciBusId: null,
      },
    ],
  });
});

test('a file that is not there is not built', async () => {
  expect(await failureOf(join(folder, 'none.node'))).toMatchObject({ problem: 'absent' });
});

test('a file that is no library cannot be loaded', async () => {
  const path = join(folder, 'text.node');
  writeFileSync(path, 'no library');
  expect(await failureOf(path)).toMatchObject({
    problem: 'incompatible',
    reason: expect.stringContaining('text.node'),
  });
});

test('a missing shared library is named', async () => {
  const library = join(folder, 'libcublas.so.77');
  execFileSync('c++', [
    '-shared',
    '-o',
    library,
    '-Wl,-soname,libcublas.so.77',
    '-x',
    'c',
    '/dev/null',
  ]);
  const path = badAddon('needs', '-DCHATTER', '-Wl,--no-as-needed', library);
  rmSync(library);
  expect(await failureOf(path)).toEqual({
    loads: false,
    problem: 'missing_library',
    library: 'libcublas.so.77',
    reason:
      'The shared library libcublas.so.77 is missing. It belongs to the CUDA toolkit the addon was built with.',
  });
});

test('a crash while loading stays in the process that loads, and its last words are told', async () => {
  const failure = await failureOf(badAddon('crash', '-DSIGNAL=SIGSEGV'));
  expect(failure.problem).toBe('crashed');
  expect(failure.reason).toContain('SIGSEGV');
  expect(failure.reason).toContain('the first words · out of memory');
});

test('instructions that the CPU lacks are told as such', async () => {
  const { problem, reason } = await failureOf(badAddon('illegal', '-DSIGNAL=SIGILL'));
  expect(problem).toBe('crashed');
  expect(reason).toContain('instructions that this CPU lacks');
});

test('an addon that ends the process has crashed', async () => {
  const { problem, reason } = await failureOf(badAddon('leave', '-DLEAVE'));
  expect(problem).toBe('crashed');
  expect(reason).toContain('exit code 3');
});

test('an addon that hangs is given up after the time limit', async () => {
  expect(await failureOf(badAddon('hang', '-DHANG'), 2_000)).toMatchObject({
    problem: 'timed_out',
  });
});

test('what a strange addon prints is not taken for an answer', async () => {
  expect(await failureOf(badAddon('chatter', '-DCHATTER'))).toMatchObject({
    problem: 'incompatible',
  });
});
