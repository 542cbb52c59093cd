import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { PrepareError } from '../prepare/prepare-error.mjs';
import { findProgram, isProgram, namesIn } from './programs.mjs';

/**
 * A CUDA toolkit on this machine, as its compiler describes it.
 * @typedef {object} CudaToolkit
 * @property {string} nvcc The compiler's path.
 * @property {string} version Such as `13.0`.
 * @property {string[]} includes Folders of headers.
 * @property {string[]} libraries Folders of libraries.
 * @property {string[]} architectures What it can compile for, such as `90`.
 */

const timeoutMs = 20_000;
/** What the compilers search without being told; a distribution's own toolkit lies here. */
const machine = process.arch === 'arm64' ? 'aarch64' : 'x86_64';
const systemIncludes = ['/usr/include'];
const systemLibraries = [`/usr/lib/${machine}-linux-gnu`, '/usr/lib64', '/usr/lib'];

/**
 * The toolkit whose nvcc is named by `CUDACXX`, or is in `CUDA_PATH`, `CUDA_HOME`, the search path,
 * the places where toolkits are installed, or the active conda environment. Null where none is.
 * @param {{ env?: NodeJS.ProcessEnv, roots?: string[] }} [where] `roots` hold toolkits as `cuda` or
 *   `cuda-13.0`.
 * @returns {CudaToolkit | null}
 * @throws PrepareError where an nvcc is there and does not work.
 */
export function findCudaToolkit({ env = process.env, roots = ['/usr/local', '/opt'] } = {}) {
  const nvcc = findNvcc(env, roots);
  return nvcc ? describe(nvcc) : null;
}

/** What to tell people who have none. */
export const howToGetToolkit = `The CUDA backend cannot be built: nvcc, the CUDA compiler, is missing. One of these brings it:
  sudo apt-get install nvidia-cuda-toolkit    Debian's or Ubuntu's own package
  conda install -c nvidia cuda-toolkit        into the active conda environment
  https://developer.nvidia.com/cuda-downloads for every other system
A toolkit in another place is found by CUDA_PATH, its folder, or CUDACXX, its nvcc.`;

function findNvcc(env, roots) {
  if (env.CUDACXX) return env.CUDACXX;
  const named = [env.CUDA_PATH, env.CUDA_HOME].filter(Boolean);
  const installed = roots.flatMap((folder) =>
    namesIn(folder)
      .filter((name) => /^cuda(-[\d.]+)?$/.test(name))
      // "cuda" comes first, and is a link to the one to use.
      .sort()
      .map((name) => join(folder, name)),
  );
  const others = [env.CONDA_PREFIX, '/usr/lib/nvidia-cuda-toolkit'].filter(Boolean);
  return (
    named.map(nvccIn).find(isProgram) ??
    findProgram('nvcc', env) ??
    [...installed, ...others].map(nvccIn).find(isProgram) ??
    null
  );
}

function nvccIn(folder) {
  return join(folder, 'bin/nvcc');
}

function describe(nvcc) {
  const version = /release (\d+\.\d+)/.exec(ask(nvcc, '--version'))?.[1];
  if (!version) throw new PrepareError(`${nvcc} does not say which version of CUDA it is.`);
  // It reads no file, and prints what it would do, with the folders that it would search.
  const plan = ask(nvcc, '--dryrun', 'nothing.cu');
  return {
    nvcc,
    version,
    includes: [...foldersOf(plan, /^#\$ INCLUDES=(.*)$/m, '-I'), ...systemIncludes],
    libraries: [
      // Stubs are for linking without a driver, and no library to run with.
      ...foldersOf(plan, /^#\$ LIBRARIES=(.*)$/m, '-L').filter((path) => !path.endsWith('/stubs')),
      ...systemLibraries,
    ],
    architectures: [...ask(nvcc, '--list-gpu-arch').matchAll(/compute_(\w+)/g)].map(
      ([, architecture]) => architecture,
    ),
  };
}

function ask(nvcc, ...args) {
  const { error, status, stdout, stderr } = spawnSync(nvcc, args, {
    encoding: 'utf8',
    timeout: timeoutMs,
  });
  if (!error && status === 0) return stdout + stderr;
  const why = error?.message ?? (stderr.trim() || `it ends with ${status}`);
  throw new PrepareError(`${nvcc} does not work ("${args.join(' ')}"): ${why}`);
}

function foldersOf(plan, line, option) {
  const given = line.exec(plan)?.[1] ?? '';
  return [...given.matchAll(new RegExp(`${option}([^"\\s]+)`, 'g'))].map(([, folder]) =>
    join(folder),
  );
}
