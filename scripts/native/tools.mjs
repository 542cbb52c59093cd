import { PrepareError } from '../prepare/prepare-error.mjs';
import { findCublas, howToGetCublas } from './cublas.mjs';
import { findCudaToolkit, howToGetToolkit } from './cuda-toolkit.mjs';
import { findProgram } from './programs.mjs';

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
  const missing = needed.filter(({ anyOf }) => !anyOf.some((name) => findProgram(name)));
  if (missing.length > 0) {
    const names = missing.map(({ what, anyOf }) => `${what} (${anyOf.join(' or ')})`).join(' and ');
    throw new PrepareError(
      `The native engine cannot be built: ${names} is missing. Install it with\n${howToInstall()}`,
    );
  }
  if (backend === 'cuda') requireCuda();
}

/**
 * The CUDA toolkit, and cuBLAS where it lies elsewhere.
 * @throws PrepareError which says what is missing and how to get it.
 */
export function requireCuda() {
  const toolkit = findCudaToolkit();
  if (!toolkit) throw new PrepareError(howToGetToolkit);
  const cublas = findCublas(toolkit);
  if (!cublas) throw new PrepareError(howToGetCublas(toolkit));
  return { toolkit, cublas };
}

function howToInstall() {
  const here = installers.filter(([manager]) => findProgram(manager));
  return (here.length > 0 ? here : installers).map(([, command]) => `  ${command}`).join('\n');
}
