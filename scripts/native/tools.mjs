import { accessSync, constants, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { PrepareError } from '../prepare/prepare-error.mjs';

/** What a build needs: any program of a list will do. */
const needed = [
  { what: 'a C++ compiler', anyOf: ['c++', 'g++', 'clang++'] },
  { what: 'CMake', anyOf: ['cmake'] },
  { what: 'make or Ninja', anyOf: ['ninja', 'make'] },
];

/** One line installs everything above. */
const installers = [
  ['apt-get', 'sudo apt-get install build-essential cmake'],
  ['dnf', 'sudo dnf install gcc-c++ make cmake'],
  ['yum', 'sudo yum install gcc-c++ make cmake'],
  ['apk', 'sudo apk add build-base linux-headers cmake'],
  ['pacman', 'sudo pacman -S base-devel cmake'],
  ['zypper', 'sudo zypper install gcc-c++ make cmake'],
  ['brew', 'xcode-select --install && brew install cmake'],
];

/** Throws PrepareError, which says what is missing and how to install it. */
export function requireTools({ backend }) {
  const missing = needed.filter(({ anyOf }) => !anyOf.some(findProgram));
  if (missing.length > 0) {
    const names = missing.map(({ what, anyOf }) => `${what} (${anyOf.join(' or ')})`).join(' and ');
    throw new PrepareError(
      `The native engine cannot be built: ${names} is missing. Install it with\n${howToInstall()}`,
    );
  }
  if (backend === 'cuda' && !findCudaCompiler()) {
    throw new PrepareError(
      'The CUDA backend cannot be built: nvcc, the CUDA compiler, is missing. Install the CUDA\n' +
        'toolkit (https://developer.nvidia.com/cuda-downloads), or set CUDACXX to its nvcc.',
    );
  }
}

/** nvcc, from `CUDACXX`, the search path or the places where toolkits are installed. */
export function findCudaCompiler() {
  if (process.env.CUDACXX) return process.env.CUDACXX;
  const installed = ['/usr/local', '/opt'].flatMap((folder) =>
    namesIn(folder)
      .filter((name) => /^cuda(-[\d.]+)?$/.test(name))
      .map((name) => join(folder, name, 'bin/nvcc')),
  );
  return findProgram('nvcc') ?? installed.find(isProgram) ?? null;
}

function howToInstall() {
  const here = installers.filter(([manager]) => findProgram(manager));
  return (here.length > 0 ? here : installers).map(([, command]) => `  ${command}`).join('\n');
}

function findProgram(name) {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  return folders.map((folder) => join(folder, name)).find(isProgram);
}

function isProgram(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function namesIn(folder) {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
