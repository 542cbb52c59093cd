import { loadAddon, type NativeDevice } from './native-binding.js';

/** What an addon that loads has to offer. */
export interface AddonReport {
  /** Version of whisper.cpp. */
  readonly whisperVersion: string;
  /** What it was built for. */
  readonly builtFor: 'cpu' | 'cuda';
  readonly openmp: boolean;
  readonly gpuFlashAttention: boolean;
  /** What it can compute on here and now, the fastest first. */
  readonly backends: readonly ('cuda' | 'cpu')[];
  /** GPUs in the order that `gpu` of a model counts them, the CPU last. Memory in bytes. */
  readonly devices: readonly NativeDevice[];
  /** Why an addon for GPUs found none, in the words of its driver; null otherwise. */
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
    return {
      whisperVersion: addon.whisperVersion,
      builtFor: addon.backend,
      openmp: addon.openmp,
      gpuFlashAttention: addon.gpuFlashAttention,
      backends: devices.some(({ kind }) => kind === 'gpu') ? ['cuda', 'cpu'] : ['cpu'],
      devices,
      gpuProblem: addon.gpuProblem(),
    };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}
