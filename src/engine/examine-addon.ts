import { codeProblem } from './cuda-architectures.js';
import { loadAddon, type NativeDevice } from './native-binding.js';

/** What an addon that loads has to offer. */
export interface AddonReport {
  /** Version of whisper.cpp. */
  readonly whisperVersion: string;
  /** What it was built for. */
  readonly builtFor: 'cpu' | 'cuda';
  readonly openmp: boolean;
  /** What its GPU code was compiled for, such as `75-virtual,90`; empty for the CPU. */
  readonly cudaArchitectures: string;
  readonly gpuFlashAttention: boolean;
  /** What it can compute on here and now, the fastest first. */
  readonly backends: readonly ('cuda' | 'cpu')[];
  /** GPUs in the order that `gpu` of a model counts them, the CPU last. Memory in bytes. */
  readonly devices: readonly NativeDevice[];
  /** Why an addon for GPUs can use none; null otherwise. */
  readonly gpuProblem: string | null;
}

/**
 * Loads an addon into this process and asks what it offers. Only for a process that may crash.
 * @returns The report, or what the loader said.
 */
export function examineAddon(path: string): AddonReport | { readonly error: string } {
  try {
    const addon = loadAddon(path);
    if (typeof addon.gpuProblem !== 'function') {
      return { error: 'It is no addon of this version of the gateway.' };
    }
    const devices = addon.devices();
    const gpus = devices.filter(({ kind }) => kind === 'gpu');
    const capabilities = gpus.map(({ computeCapability }) => computeCapability);
    const gpuProblem = addon.gpuProblem() ?? codeProblem(addon.cudaArchitectures, capabilities);
    return {
      whisperVersion: addon.whisperVersion,
      builtFor: addon.backend,
      openmp: addon.openmp,
      cudaArchitectures: addon.cudaArchitectures,
      gpuFlashAttention: addon.gpuFlashAttention,
      backends: gpus.length > 0 && !gpuProblem ? ['cuda', 'cpu'] : ['cpu'],
      devices,
      gpuProblem,
    };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}
