import { type AddonProbe, type NativeDevice, probeAddon } from '../engine/index.js';
import { type ListedGpu, type NvidiaSmi, readNvidiaSmi } from './nvidia-smi.js';

/** The GPUs of this machine, as far as inference can use them. */
export interface GpuReport {
  /** In the order that `gpu` of a model counts them. Empty where none can be used. */
  readonly gpus: readonly NativeDevice[];
  /** Version of NVIDIA's driver, where its tool tells. */
  readonly driverVersion: string | null;
  /** What does not fit together, and what helps: sentences for people. */
  readonly warnings: readonly string[];
}

/** Total memory differs a little between CUDA and the driver's tool, which counts what is reserved. */
const memoryTolerance = 0.05;

/**
 * Asks the addon, in a process of its own, and NVIDIA's tool. Never rejects.
 * @param addonPath The addon that was built for CUDA, whether or not it is there.
 */
export async function findGpus(addonPath: string, program?: string): Promise<GpuReport> {
  const [probe, listed] = await Promise.all([probeAddon(addonPath), readNvidiaSmi(program)]);
  return compareGpus(probe, listed);
}

/** Joins what the two said. Where they disagree, the addon decides, since it does the work. */
export function compareGpus(probe: AddonProbe, smi: NvidiaSmi): GpuReport {
  const listed = smi.state === 'listed' ? smi.gpus : [];
  const seen = probe.loads ? probe.devices.filter(({ kind }) => kind === 'gpu') : [];
  return {
    gpus: probe.loads && probe.backends.includes('cuda') ? seen : [],
    driverVersion: listed.find(({ driverVersion }) => driverVersion)?.driverVersion ?? null,
    warnings: [
      ...(smi.state === 'failed' ? [`nvidia-smi is there and fails: ${smi.reason}`] : []),
      ...addonWarnings(probe, listed),
      ...(seen.length > 0 && smi.state === 'listed' ? disagreements(seen, listed) : []),
    ],
  };
}

function addonWarnings(probe: AddonProbe, listed: readonly ListedGpu[]): string[] {
  const names = listed.map(({ name }) => name).join(', ');
  const build = 'npm run build:native -- --backend=cuda';
  if (!probe.loads) {
    if (probe.problem !== 'absent') return [`The addon for GPUs cannot be used. ${probe.reason}`];
    return listed.length > 0
      ? [`There are GPUs (${names}), and the addon for them is not built: ${build}`]
      : [];
  }
  if (probe.builtFor === 'cpu') {
    return listed.length > 0
      ? [`There are GPUs (${names}), and this addon was built for the CPU: ${build}`]
      : [];
  }
  if (!probe.gpuProblem) return [];
  const lead = listed.length > 0 ? `nvidia-smi lists ${names}, but the addon` : 'The addon';
  return [`${lead} can use no GPU: ${probe.gpuProblem}${driverAdvice(probe.gpuProblem)}`];
}

/** What helps against CUDA's own words. */
function driverAdvice(problem: string): string {
  if (/driver version is insufficient/i.test(problem)) {
    return (
      " NVIDIA's driver is missing or older than the toolkit that the addon was built with:" +
      ' install a newer driver, or build with an older toolkit.'
    );
  }
  if (/no CUDA-capable device/i.test(problem)) {
    return ' The driver is there; a container needs the GPU passed in, and CUDA_VISIBLE_DEVICES may hide it.';
  }
  return '';
}

function disagreements(seen: readonly NativeDevice[], listed: readonly ListedGpu[]): string[] {
  const warnings: string[] = [];
  for (const gpu of seen) {
    const same = listed.find(({ pciBusId }) => pciBusId === gpu.pciBusId);
    if (!same) {
      warnings.push(
        `The addon uses ${gpu.description} at ${gpu.pciBusId}, which nvidia-smi does not list.`,
      );
      continue;
    }
    if (same.computeCapability && gpu.computeCapability !== same.computeCapability) {
      warnings.push(
        `${gpu.description} has compute capability ${gpu.computeCapability} for the addon and ` +
          `${same.computeCapability} for nvidia-smi.`,
      );
    }
    const total = same.totalMemory ?? gpu.totalMemory;
    if (Math.abs(gpu.totalMemory - total) > memoryTolerance * total) {
      warnings.push(
        `The addon may use ${gibibytes(gpu.totalMemory)} of the ${gibibytes(total)} that nvidia-smi ` +
          `lists for ${gpu.description}: it has a part of the GPU.`,
      );
    }
  }
  const hidden = listed.filter((gpu) => !seen.some(({ pciBusId }) => pciBusId === gpu.pciBusId));
  if (hidden.length > 0) {
    const names = hidden.map(({ name, pciBusId }) => `${name} at ${pciBusId}`).join(', ');
    warnings.push(`The addon does not see ${names}: CUDA_VISIBLE_DEVICES may hide it.`);
  }
  return warnings;
}

function gibibytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}
