import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { packageRoot } from '../prepare/package-root.mjs';
import { PrepareError } from '../prepare/prepare-error.mjs';
import { findCudaCompiler } from './tools.mjs';

/**
 * How the addon is built.
 * @typedef {object} BuildOptions
 * @property {'cpu' | 'cuda'} backend
 * @property {string | null} whisperSource Folder of whisper.cpp; null for the pinned package.
 * @property {boolean} asan With address and undefined behaviour sanitizers, for the tests.
 * @property {boolean} portable Without the instructions that only this machine's CPU may have.
 * @property {string | null} cudaArch As CMAKE_CUDA_ARCHITECTURES takes it, such as `90` or `80;90`.
 * @property {boolean} cudaFlashAttention Compiles CUDA's flash attention kernels: much slower.
 * @property {string[]} define Further CMake definitions, `NAME=VALUE`.
 */

/** @type {BuildOptions} */
export const defaultOptions = {
  backend: 'cpu',
  whisperSource: null,
  asan: false,
  portable: false,
  cudaArch: null,
  cudaFlashAttention: false,
  define: [],
};

/** Where everything about one build lies: `build/cpu`, `build/cuda` or `build/asan`. */
export function outputFolder({ backend, asan }) {
  return join(packageRoot, 'build', asan ? 'asan' : backend);
}

/** The whisper.cpp to build from, and its version. Throws PrepareError where there is none. */
export function whisperSource({ whisperSource }) {
  const folder = whisperSource ? resolve(whisperSource) : pinnedWhisper();
  const version = /project\("whisper\.cpp" VERSION ([\d.]+)\)/.exec(
    readText(join(folder, 'CMakeLists.txt')),
  )?.[1];
  if (!version) throw new PrepareError(`There is no whisper.cpp source in ${folder}.`);
  return { folder, version };
}

/** What CMake is told, as `NAME=VALUE`. Machine-specific paths are found by those who run it. */
export function cmakeDefinitions(options) {
  const flag = (value) => (value ? 'ON' : 'OFF');
  return [
    `BACKEND=${options.backend}`,
    `SANITIZE=${flag(options.asan)}`,
    `GGML_NATIVE=${flag(!options.portable)}`,
    ...(options.backend === 'cuda' ? cudaDefinitions(options) : []),
    ...options.define,
  ];
}

function cudaDefinitions({ cudaArch, cudaFlashAttention }) {
  const compiler = findCudaCompiler();
  return [
    `GGML_CUDA_FA=${cudaFlashAttention ? 'ON' : 'OFF'}`,
    ...(cudaArch ? [`CMAKE_CUDA_ARCHITECTURES=${cudaArch}`] : []),
    ...(compiler ? [`CMAKE_CUDA_COMPILER=${compiler}`] : []),
  ];
}

function pinnedWhisper() {
  const { resolve: find } = createRequire(import.meta.url);
  return join(dirname(find('nodejs-whisper/package.json')), 'cpp/whisper.cpp');
}

function readText(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
