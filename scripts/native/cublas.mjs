import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { packageRoot } from '../prepare/package-root.mjs';
import { PrepareError } from '../prepare/prepare-error.mjs';
import { findProgram, namesIn } from './programs.mjs';

/** Where `--fetch-cublas` puts it. The addon looks here by a path relative to its own. */
const fetched = join(packageRoot, 'build/cublas');
const pythonTimeoutMs = 10_000;

/**
 * Where cuBLAS for this toolkit is: in the toolkit itself, in `build/cublas`, or in a Python package.
 * @param {import('./cuda-toolkit.mjs').CudaToolkit} toolkit
 * @returns {{ inToolkit: true } | { inToolkit: false, include: string, cublas: string, cublasLt: string } | null}
 */
export function findCublas(toolkit) {
  if (hasCublas(toolkit)) return { inToolkit: true };
  const major = majorOf(toolkit);
  const folder = candidates().find((candidate) => isCublas(candidate, major));
  if (!folder) return null;
  return {
    inToolkit: false,
    include: join(folder, 'include'),
    cublas: join(folder, `lib/libcublas.so.${major}`),
    cublasLt: join(folder, `lib/libcublasLt.so.${major}`),
  };
}

/** What to tell people who lack it. */
export function howToGetCublas(toolkit) {
  const major = majorOf(toolkit);
  const [debianMajor, debianMinor] = toolkit.version.split('.');
  const others = candidates()
    .flatMap((folder) => namesIn(join(folder, 'lib')).map((name) => join(folder, 'lib', name)))
    .filter((file) => /libcublas\.so\.\d+$/.test(file));
  const note =
    others.length > 0 ? `\n${others.join(' and ')} cannot be used: it is for another CUDA.` : '';
  return `The CUDA backend cannot be built: cuBLAS for CUDA ${major} (cublas_v2.h and libcublas) is missing, although ${toolkit.nvcc} is there.${note}
One of these brings it:
  npm run build:native -- --backend=cuda --fetch-cublas   from PyPI into build/cublas, 0.4 GB
  pip install ${requirementFor(toolkit)}             into the Python environment that is active
  sudo apt-get install libcublas-dev-${debianMajor}-${debianMinor}               from NVIDIA's package repository`;
}

/**
 * Gets cuBLAS of the toolkit's version from PyPI into `build/cublas`, where it is not yet.
 * @param {import('./cuda-toolkit.mjs').CudaToolkit} toolkit
 */
export function fetchCublas(toolkit) {
  if (isCublas(fetched, majorOf(toolkit))) return;
  const python = findProgram('python3') ?? findProgram('python');
  if (!python)
    throw new PrepareError('cuBLAS comes from PyPI: Python 3 with pip is needed for it.');
  mkdirSync(dirname(fetched), { recursive: true });
  // Beside its place, so that it can be put there in one step.
  const target = mkdtempSync(`${fetched}-`);
  try {
    const what = requirementFor(toolkit);
    console.error(`Getting ${what} from PyPI …`);
    const args = ['-m', 'pip', 'install', '--quiet', '--no-deps', '--only-binary=:all:'];
    const { status } = spawnSync(python, [...args, '--target', target, what], {
      stdio: ['ignore', process.stderr, 'inherit'],
    });
    const folder = inPackages(target).find((found) => isCublas(found, majorOf(toolkit)));
    if (status !== 0 || !folder) {
      throw new PrepareError(`pip could not get ${what}; its own words are above.`);
    }
    keepLicense(target, folder);
    rmSync(fetched, { recursive: true, force: true });
    renameSync(folder, fetched);
  } finally {
    rmSync(target, { recursive: true, force: true });
  }
}

/** NVIDIA's packages have been named by the major version up to 12. */
function requirementFor({ version }) {
  const major = Number.parseInt(version, 10);
  return `nvidia-cublas${major < 13 ? `-cu${major}` : ''}==${version}.*`;
}

function majorOf({ version }) {
  return version.split('.')[0];
}

function hasCublas({ includes, libraries }) {
  return (
    includes.some((folder) => existsSync(join(folder, 'cublas_v2.h'))) &&
    libraries.some((folder) => existsSync(join(folder, 'libcublas.so')))
  );
}

function isCublas(folder, major) {
  const files = ['include/cublas_v2.h', `lib/libcublas.so.${major}`, `lib/libcublasLt.so.${major}`];
  return files.every((file) => existsSync(join(folder, file)));
}

function candidates() {
  return [fetched, ...pythonPaths().flatMap(inPackages)];
}

/** NVIDIA's packages hold `nvidia/cu13/{include,lib}`, older ones `nvidia/cublas/{include,lib}`. */
function inPackages(folder) {
  return namesIn(join(folder, 'nvidia'))
    .filter((name) => /^(cu\d+|cublas)$/.test(name))
    .map((name) => join(folder, 'nvidia', name));
}

/** Where the active Python looks for packages. */
function pythonPaths() {
  const { stdout } = spawnSync('python3', ['-c', 'import json, sys; print(json.dumps(sys.path))'], {
    encoding: 'utf8',
    timeout: pythonTimeoutMs,
  });
  try {
    return JSON.parse(stdout).filter(Boolean);
  } catch {
    return [];
  }
}

function keepLicense(target, folder) {
  const info = namesIn(target).find((name) => name.endsWith('.dist-info'));
  const license = info && join(target, info, 'licenses/License.txt');
  if (license && existsSync(license)) renameSync(license, join(folder, 'License.txt'));
}
