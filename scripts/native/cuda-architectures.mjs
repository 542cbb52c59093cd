import { spawnSync } from 'node:child_process';
import { PrepareError } from '../prepare/prepare-error.mjs';

/**
 * For machines whose GPU is not known: machine code for the most common ones, and portable code,
 * which the driver translates at the first start, for what ggml has faster kernels for. ggml's own
 * list without what is rare; see `ggml/src/ggml-cuda/CMakeLists.txt`.
 */
const common = [
  { name: '61-virtual', before: 13 },
  { name: '75-virtual' },
  { name: '80-virtual' },
  { name: '86-real' },
  { name: '89-real', from: 11.8 },
  { name: '90-virtual', from: 11.8 },
  { name: '120a-real', from: 12.8 },
];

/**
 * What to compile for where nobody said: this machine's GPUs, else the common ones.
 * @param {import('./cuda-toolkit.mjs').CudaToolkit} toolkit
 * @returns {string} As CMAKE_CUDA_ARCHITECTURES takes it.
 */
export function defaultArchitectures(toolkit) {
  const here = architecturesHere().filter((name) => toolkit.architectures.includes(name));
  if (here.length > 0) return here.join(';');
  const version = Number.parseFloat(toolkit.version);
  return common
    .filter(({ from = 0, before = Infinity }) => version >= from && version < before)
    .map(({ name }) => name)
    .join(';');
}

/** Throws PrepareError where the toolkit cannot compile for one of these. */
export function requireArchitectures(wanted, toolkit) {
  const unknown = wanted.split(';').filter((name) => {
    const number = /^(\d+)[af]?(-real|-virtual)?$/.exec(name)?.[1];
    // "native", "all" and "all-major" are CMake's business.
    return number
      ? !toolkit.architectures.includes(number)
      : !/^(native|all|all-major)$/.test(name);
  });
  if (unknown.length === 0) return;
  throw new PrepareError(
    `CUDA ${toolkit.version} cannot compile for ${unknown.join(' and ')}. ` +
      `It can for ${toolkit.architectures.join(', ')}.`,
  );
}

/** The compute capabilities of this machine's GPUs, as `90`. None where the driver answers nothing. */
function architecturesHere() {
  const { stdout } = spawnSync('nvidia-smi', ['--query-gpu=compute_cap', '--format=csv,noheader'], {
    encoding: 'utf8',
    timeout: 20_000,
  });
  const found = [...(stdout ?? '').matchAll(/^(\d+)\.(\d)\s*$/gm)].map(
    ([, major, minor]) => major + minor,
  );
  return [...new Set(found)].sort();
}
