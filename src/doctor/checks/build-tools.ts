import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { addonPath } from '../addon-path.js';
import { type Check, error, type Outcome, ok, type Patient, warning } from '../check.js';
import { runProgram } from '../run-program.js';

const installation =
  'Debian, Ubuntu: sudo apt-get install build-essential cmake. Fedora: sudo dnf install gcc-c++ make ' +
  'cmake. macOS: xcode-select --install && brew install cmake.';

export const compiler = buildTool('compiler', 'C++ compiler', ['c++', 'g++', 'clang++']);
export const cmake = buildTool('cmake', 'CMake', ['cmake']);
export const make = buildTool('make', 'make or Ninja', ['ninja', 'make']);

/** A tool of which any will do. Once the addon is built, nothing fails for want of it. */
function buildTool(id: string, title: string, programs: readonly string[]): Check {
  return {
    id,
    group: 'Build tools',
    title,
    async run(patient) {
      for (const program of programs) {
        const ran = await runProgram(program, ['--version']);
        if (ran?.code === 0) return ok(firstLine(ran.stdout));
      }
      return missing(`${programs.join(' or ')} is missing`, patient);
    },
  };
}

function missing(what: string, { config }: Patient): Outcome {
  if (existsSync(addonPath(config.backend === 'cuda' ? 'cuda' : 'cpu'))) {
    return warning(`${what}: the engine cannot be built again`, installation);
  }
  return error(`${what}: the engine cannot be built`, installation);
}

export const cudaToolkit: Check = {
  id: 'cuda_toolkit',
  group: 'Build tools',
  title: 'CUDA toolkit',
  async run({ config }) {
    for (const program of await nvccs(config.cudaCompiler)) {
      const ran = await runProgram(program, ['--version']);
      const release = /release ([\d.]+)/.exec(ran?.stdout ?? '')?.[1];
      if (release) return ok(`${release} (${program})`);
    }
    if (config.backend !== 'cuda') {
      return ok(`not installed, and not needed with BACKEND=${config.backend}`);
    }
    const remedy =
      'Get it from https://developer.nvidia.com/cuda-downloads, or set CUDACXX to its nvcc.';
    return existsSync(addonPath('cuda'))
      ? warning('nvcc is missing: the engine cannot be built again', remedy)
      : error('nvcc is missing: the engine cannot be built', remedy);
  },
};

/** Where an nvcc may be, as the build looks for it. */
async function nvccs(given: string | undefined): Promise<string[]> {
  if (given) return [given];
  const folders = await Promise.all(
    ['/usr/local', '/opt'].map(async (folder) =>
      (await readdir(folder).catch(() => []))
        .filter((name) => /^cuda(-[\d.]+)?$/.test(name))
        .map((name) => join(folder, name, 'bin/nvcc')),
    ),
  );
  return ['nvcc', ...folders.flat()];
}

function firstLine(text: string): string {
  return text.trim().split('\n')[0] ?? '';
}
