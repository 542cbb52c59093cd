import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  defaultArchitectures,
  requireArchitectures,
} from '../../scripts/native/cuda-architectures.mjs';
import { findCudaToolkit } from '../../scripts/native/cuda-toolkit.mjs';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const script = here('../../scripts/build-native.mjs');
/** A toolkit that describes itself and compiles nothing. */
const nvcc124 = here('../fixtures/nvcc-12.4');
/** What this machine really has. */
const toolkitHere = findCudaToolkit();

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cuda-build-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Configures for CUDA, into a folder of the test. */
function configure(args: string[], env: NodeJS.ProcessEnv) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [script, '--backend=cuda', '--configure-only', `--output=${join(folder, 'out')}`, ...args],
    { env: { ...process.env, ...env }, encoding: 'utf8' },
  );
  expect(stderr).not.toMatch(/^ +at /m);
  return { status, stdout, stderr };
}

/** A Python package of cuBLAS in name only, in a folder for PYTHONPATH. */
function pythonPackage(name: string, major: string): string {
  const packages = join(folder, 'packages');
  for (const file of [
    'include/cublas_v2.h',
    `lib/libcublas.so.${major}`,
    `lib/libcublasLt.so.${major}`,
  ]) {
    const path = join(packages, 'nvidia', name, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, '');
  }
  return packages;
}

/** An nvcc where toolkits have it. */
function installed(toolkit: string): string {
  const nvcc = join(folder, toolkit, 'bin/nvcc');
  mkdirSync(dirname(nvcc), { recursive: true });
  symlinkSync(nvcc124, nvcc);
  return nvcc;
}

describe('a toolkit is found', () => {
  test.each(['CUDA_PATH', 'CUDA_HOME', 'CONDA_PREFIX'])('through %s', (name) => {
    const nvcc = installed('toolkit');
    expect(findCudaToolkit({ env: { [name]: join(folder, 'toolkit') }, roots: [] })).toMatchObject({
      nvcc,
      version: '12.4',
      includes: expect.arrayContaining(['/opt/none/include']),
      libraries: expect.arrayContaining(['/opt/none/lib']),
      architectures: ['75', '80', '90'],
    });
  });

  test('in the search path, and where toolkits are installed, the one named just "cuda" first', () => {
    const inPath = installed('somewhere');
    const versioned = installed('cuda-12.4');
    const find = (env: NodeJS.ProcessEnv) => findCudaToolkit({ env, roots: [folder] })?.nvcc;
    expect(find({ PATH: dirname(inPath) })).toBe(inPath);
    expect(find({})).toBe(versioned);
    const plain = installed('cuda');
    expect(find({})).toBe(plain);
    expect(find({ CUDACXX: versioned })).toBe(versioned);
  });

  test('nowhere, where there is none', () => {
    expect(findCudaToolkit({ env: { PATH: folder }, roots: [folder] })).toBeNull();
  });
});

describe('what is missing is named, with what brings it', () => {
  test('cuBLAS', () => {
    const { status, stderr } = configure([], { CUDACXX: nvcc124, PYTHONPATH: '' });
    expect(status).toBe(1);
    expect(stderr).toMatch(/cuBLAS for CUDA 12 .* is missing/);
    expect(stderr).toContain('--fetch-cublas');
    expect(stderr).toContain('pip install nvidia-cublas-cu12==12.4.*');
    expect(stderr).toContain('sudo apt-get install libcublas-dev-12-4');
  });

  test('cuBLAS that is there for another CUDA', () => {
    const { status, stderr } = configure([], {
      CUDACXX: nvcc124,
      PYTHONPATH: pythonPackage('cublas', '11'),
    });
    expect(status).toBe(1);
    expect(stderr).toMatch(/libcublas\.so\.11.* cannot be used: it is for another CUDA/);
  });

  test('an nvcc that works', () => {
    const { status, stderr } = configure([], { CUDACXX: join(folder, 'nvcc') });
    expect(status).toBe(1);
    expect(stderr).toContain(`${join(folder, 'nvcc')} does not work`);
  });

  test('an architecture that the toolkit knows', () => {
    const env = { CUDACXX: nvcc124, PYTHONPATH: pythonPackage('cublas', '12') };
    const { status, stderr } = configure(['--cuda-architectures=80;120'], env);
    expect(status).toBe(1);
    expect(stderr).toContain('CUDA 12.4 cannot compile for 120. It can for 75, 80, 90.');
  });
});

test('architectures may be real, virtual or special, and several', () => {
  const toolkit = findCudaToolkit({ env: { CUDACXX: nvcc124 } });
  if (!toolkit) throw new Error('There is no toolkit.');
  for (const wanted of ['90', '75-virtual;80-real', '90a', 'native', 'all-major']) {
    expect(() => requireArchitectures(wanted, toolkit)).not.toThrow();
  }
  expect(() => requireArchitectures('ninety', toolkit)).toThrow(/cannot compile for ninety/);
  // For this machine's GPUs where it has any, else for the common ones.
  expect(defaultArchitectures(toolkit)).toMatch(
    /^\d+a?(-real|-virtual)?(;\d+a?(-real|-virtual)?)*$/,
  );
});

test('CMake configures the CUDA build, or what is missing for it is named', () => {
  const major = toolkitHere?.version.split('.')[0] ?? '13';
  const packages = pythonPackage(`cu${major}`, major);
  const { status, stdout, stderr } = configure(['--cuda-architectures=90', '--portable'], {
    PYTHONPATH: packages,
  });
  if (!toolkitHere) {
    expect(status).toBe(1);
    expect(stderr).toMatch(/nvcc, the CUDA compiler, is missing/);
    expect(stderr).toContain('sudo apt-get install nvidia-cuda-toolkit');
    return;
  }
  expect(stderr).toBe('');
  expect(status).toBe(0);
  expect(stdout).toMatch(/can be built/);
  const cache = readFileSync(join(folder, 'out/cmake/CMakeCache.txt'), 'utf8');
  expect(cache).toMatch(/^GGML_CUDA:BOOL=ON$/m);
  expect(cache).toMatch(/^GGML_CUDA_NO_VMM:BOOL=ON$/m);
  expect(cache).toMatch(/^GGML_CUDA_FA:BOOL=OFF$/m);
  expect(cache).toMatch(/^CMAKE_CUDA_ARCHITECTURES:\w+=90$/m);
  expect(/^CMAKE_CUDA_COMPILER:\w+=(.*)$/m.exec(cache)?.[1]).toBe(toolkitHere.nvcc);
}, 120_000);

test('our CUDA code compiles without a warning', () => {
  // The compiler finds its own headers only where nobody names their folder.
  const named = (toolkitHere?.includes ?? []).filter((path) => path !== '/usr/include');
  const includes = [...named, here('programs/cuda')];
  const warnings = [
    '-Wall',
    '-Wextra',
    '-Wpedantic',
    '-Wshadow',
    '-Wconversion',
    '-Wno-sign-conversion',
  ];
  const flags = [
    '-std=c++17',
    '-fsyntax-only',
    '-DBUILD_CUDA',
    '-DBUILD_CUDA_ARCHITECTURES="90"',
    '-Werror',
    ...warnings,
  ];
  execFileSync('c++', [
    ...flags,
    ...includes.flatMap((path) => ['-isystem', path]),
    here('../../native/cuda-device.cc'),
  ]);
});
