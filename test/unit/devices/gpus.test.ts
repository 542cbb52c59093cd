import { describe, expect, test } from 'vitest';
import { compareGpus, type ListedGpu, type NvidiaSmi } from '../../../src/devices/index.js';
import type { AddonProbe, AddonReport, NativeDevice } from '../../../src/engine/index.js';

const cpu: NativeDevice = {
  name: 'CPU',
  description: 'EPYC',
  kind: 'cpu',
  totalMemory: 2 ** 34,
  freeMemory: 2 ** 33,
  computeCapability: null,
  pciBusId: null,
};
const h200: NativeDevice = {
  name: 'CUDA0',
  description: 'NVIDIA H200',
  kind: 'gpu',
  totalMemory: 143_156 * 2 ** 20,
  freeMemory: 142_000 * 2 ** 20,
  computeCapability: '9.0',
  pciBusId: '0000:01:00.0',
};
const listedH200: ListedGpu = {
  name: 'NVIDIA H200',
  pciBusId: '0000:01:00.0',
  totalMemory: 143_771 * 2 ** 20,
  freeMemory: 143_000 * 2 ** 20,
  computeCapability: '9.0',
  driverVersion: '580.1',
};

function loaded(given: Partial<AddonReport> = {}): AddonProbe {
  const devices = given.devices ?? [cpu];
  return {
    loads: true,
    whisperVersion: '1.9.1',
    builtFor: 'cuda',
    openmp: true,
    cudaArchitectures: '90',
    gpuFlashAttention: false,
    backends: devices.length > 1 ? ['cuda', 'cpu'] : ['cpu'],
    gpuProblem: null,
    ...given,
    devices,
  };
}

const withGpu = loaded({ devices: [h200, cpu] });
const listed = (...gpus: ListedGpu[]): NvidiaSmi => ({ state: 'listed', gpus });
const absent: NvidiaSmi = { state: 'absent' };
const notBuilt: AddonProbe = {
  loads: false,
  problem: 'absent',
  library: null,
  reason: 'Not built.',
};

test('where both agree there is nothing to say', () => {
  expect(compareGpus(withGpu, listed(listedH200))).toEqual({
    gpus: [h200],
    driverVersion: '580.1',
    warnings: [],
  });
});

test('without GPUs and without the tool there is nothing to say, built or not', () => {
  const nothing = { gpus: [], driverVersion: null, warnings: [] };
  expect(compareGpus(loaded({ builtFor: 'cpu' }), absent)).toEqual(nothing);
  expect(compareGpus(notBuilt, absent)).toEqual(nothing);
});

test('GPUs that the addon sees need no tool', () => {
  expect(compareGpus(withGpu, absent)).toMatchObject({ gpus: [h200], warnings: [] });
});

describe('a warning names', () => {
  const warningsOf = (probe: AddonProbe, smi: NvidiaSmi) => compareGpus(probe, smi).warnings;

  test('the addon that is not built, or was built for the CPU', () => {
    expect(warningsOf(notBuilt, listed(listedH200))).toEqual([
      'There are GPUs (NVIDIA H200), and the addon for them is not built: npm run build:native -- --backend=cuda',
    ]);
    expect(warningsOf(loaded({ builtFor: 'cpu' }), listed(listedH200))).toEqual([
      'There are GPUs (NVIDIA H200), and this addon was built for the CPU: npm run build:native -- --backend=cuda',
    ]);
  });

  test('why the addon does not load', () => {
    const probe: AddonProbe = {
      loads: false,
      problem: 'missing_library',
      library: 'libcublas.so.13',
      reason: 'The shared library libcublas.so.13 is missing.',
    };
    expect(warningsOf(probe, absent)).toEqual([
      'The addon for GPUs cannot be used. The shared library libcublas.so.13 is missing.',
    ]);
  });

  test('an old driver', () => {
    const gpuProblem =
      'ggml_cuda_init: failed to initialize CUDA: CUDA driver version is insufficient for CUDA runtime version';
    const report = compareGpus(loaded({ gpuProblem }), listed(listedH200));
    expect(report.gpus).toEqual([]);
    expect(report.warnings).toEqual([
      expect.stringMatching(
        /nvidia-smi lists NVIDIA H200, but the addon can use no GPU.*newer driver/,
      ),
    ]);
  });

  test('a GPU that the addon was not compiled for, which is then not used', () => {
    const probe = loaded({
      devices: [h200, cpu],
      backends: ['cpu'],
      gpuProblem: 'Compiled for 80.',
    });
    const report = compareGpus(probe, listed(listedH200));
    expect(report.gpus).toEqual([]);
    expect(report.warnings).toEqual([expect.stringContaining('Compiled for 80.')]);
  });

  test('a driver tool that fails', () => {
    expect(warningsOf(loaded(), { state: 'failed', reason: 'No driver.' })).toEqual([
      'nvidia-smi is there and fails: No driver.',
    ]);
  });

  test('GPUs that only one of the two sees', () => {
    const other = { ...listedH200, pciBusId: '0000:02:00.0' };
    expect(warningsOf(withGpu, listed(listedH200, other))).toEqual([
      'The addon does not see NVIDIA H200 at 0000:02:00.0: CUDA_VISIBLE_DEVICES may hide it.',
    ]);
    expect(warningsOf(withGpu, listed(other))).toHaveLength(2);
  });

  test('a compute capability or a memory that differs', () => {
    const differs = { ...listedH200, computeCapability: '8.0', totalMemory: 2 * h200.totalMemory };
    expect(warningsOf(withGpu, listed(differs))).toEqual([
      'NVIDIA H200 has compute capability 9.0 for the addon and 8.0 for nvidia-smi.',
      expect.stringMatching(/may use 139\.8 GiB of the 279\.6 GiB .* part of the GPU/),
    ]);
  });

  test('nothing where the tool does not tell', () => {
    const silent = { ...listedH200, computeCapability: null, totalMemory: null };
    expect(warningsOf(withGpu, listed(silent))).toEqual([]);
  });
});
