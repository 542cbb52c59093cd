import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { packageRoot } from '../prepare/package-root.mjs';
import { PrepareError } from '../prepare/prepare-error.mjs';
import { requireCuda } from './tools.mjs';

/**
 * How the addon is built.
 * @typedef {object} BuildOptions
 * @property {'cpu' | 'cuda'} backend
 * @property {string | null} whisperSource Folder of whisper.cpp; null for the pinned package.
 * @property {boolean} asan With address and undefined behaviour sanitizers, for the tests.
 * @property {boolean} portable Without the instructions that only this machine's CPU may have.
 * @property {string | null} cudaArchitectures As CMAKE_CUDA_ARCHITECTURES takes it, such as `90` or
 *   `80;90`; null, until it is built, for those of this machine's GPUs.
 * @property {boolean} cudaFlashAttention Compiles CUDA's flash attention kernels: much slower.
 * @property {string | null} output Another folder than `build/<backend>`.
 * @property {string[]} define Further CMake definitions, `NAME=VALUE`.
 */

/** @type {BuildOptions} */
export const defaultOptions = {
  backend: 'cpu',
  whisperSource: null,
  asan: false,
  portable: false,
  cudaArchitectures: null,
  cudaFlashAttention: false,
  output: null,
  define: [],
};

/** Where everything about one build lies: `build/cpu`, `build/cuda` or `build/asan`. */
export function outputFolder({ backend, asan, output }) {
  return output ? resolve(output) : join(packageRoot, 'build', asan ? 'asan' : backend);
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

/** What CMake is told, as `NAME=VALUE`. Nothing of it depends on where things lie on this machine. */
export function cmakeDefinitions(options) {
  const flag = (value) => (value ? 'ON' : 'OFF');
  return [
    `BACKEND=${options.backend}`,
    `SANITIZE=${flag(options.asan)}`,
    `GGML_NATIVE=${flag(!options.portable)}`,
    ...(options.backend === 'cuda'
      ? [
          `GGML_CUDA_FA=${flag(options.cudaFlashAttention)}`,
          `CMAKE_CUDA_ARCHITECTURES=${options.cudaArchitectures}`,
        ]
      : []),
    ...options.define,
  ];
}

/** Where CMake finds things on this machine, as `NAME=VALUE`. Throws PrepareError where it cannot. */
export function cmakePaths(options) {
  const whisper = `WHISPER_SOURCE=${whisperSource(options).folder}`;
  if (options.backend !== 'cuda') return [whisper];
  const { toolkit, cublas } = requireCuda();
  const compiler = `CMAKE_CUDA_COMPILER=${toolkit.nvcc}`;
  if (cublas.inToolkit) return [whisper, compiler];
  return [
    whisper,
    compiler,
    `CUBLAS_INCLUDE=${cublas.include}`,
    `CUDA_cublas_LIBRARY=${cublas.cublas}`,
    `CUDA_cublasLt_LIBRARY=${cublas.cublasLt}`,
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
