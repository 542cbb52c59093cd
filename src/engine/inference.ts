import { toFloat32 } from '../audio/index.js';
import { GatewayError } from '../errors/index.js';
import type { Hypothesis } from './engine.js';
import type { InferenceCall, InferenceReady, InferenceSetup, OnLog } from './messages.js';
import type { NativeAddon, NativeDevice, NativeModel, NativeState } from './native-binding.js';
import { nativeError } from './native-error.js';
import { toNativeParams } from './native-params.js';
import { openAddon } from './open-addon.js';
import type { Service } from './serve-parent.js';
import { toHypothesis } from './to-hypothesis.js';

/**
 * Loads a model and opens its states, for the life of this process: one set of weights, one state
 * for each inference that may run at the same time.
 * @throws GatewayError `backend_unavailable`, `model_not_found`, `model_corrupt`,
 *   `model_load_failed` or `engine_out_of_memory`.
 */
export async function openInference(
  setup: InferenceSetup,
  log: OnLog,
): Promise<Service<InferenceReady, InferenceCall, Hypothesis>> {
  const addon = openAddon(setup.addonPath, log);
  const device = deviceOf(addon, setup.gpu);
  const { model, idle } = await openModel(addon, setup);

  async function call(window: InferenceCall, signal: AbortSignal): Promise<Hypothesis> {
    const state = idle.pop();
    // The pool never asks for more than it has slots.
    if (!state) throw new GatewayError('engine_unavailable');
    const abort = () => state.abort();
    const startedAt = performance.now();
    try {
      const active = setup.slots - idle.length;
      const threads = threadsFor(setup, addon.openmp, active);
      const params = toNativeParams(window.options, window.lane, threads);
      const running = state.transcribe(toFloat32(window.pcm), params);
      signal.addEventListener('abort', abort);
      return toHypothesis(await running, performance.now() - startedAt);
    } catch (error) {
      throw nativeError(error, 'inference_failed');
    } finally {
      signal.removeEventListener('abort', abort);
      idle.push(state);
    }
  }

  return {
    call,
    ready: {
      whisperVersion: addon.whisperVersion,
      backend: device ? addon.backend : 'cpu',
      device: device?.description ?? 'cpu',
      devices: addon.devices(),
      multilingual: model.multilingual,
      memory: model.memory,
    },
  };
}

/**
 * What runs alone gets every core; several inferences with one thread each beat one with several.
 * Without OpenMP a second inference that comes meanwhile would stall both (see docs/adr/0004).
 */
function threadsFor({ threads, cores }: InferenceSetup, openmp: boolean, active: number): number {
  return threads || (openmp ? Math.max(1, Math.floor(cores / active)) : 1);
}

/** The GPU to use; null for the CPU. */
function deviceOf(addon: NativeAddon, gpu: number | null): NativeDevice | null {
  if (gpu === null) return null;
  const device = addon.devices().filter(({ kind }) => kind === 'gpu')[gpu];
  if (device) return device;
  throw new GatewayError('backend_unavailable', { cause: new Error(`There is no GPU ${gpu}.`) });
}

async function openModel(
  addon: NativeAddon,
  { modelPath: path, gpu, flashAttention, slots }: InferenceSetup,
): Promise<{ model: NativeModel; idle: NativeState[] }> {
  try {
    const model = await addon.loadModel({ path, gpu, flashAttention });
    const idle: NativeState[] = [];
    while (idle.length < slots) idle.push(await model.createState());
    return { model, idle };
  } catch (error) {
    throw nativeError(error, 'model_load_failed');
  }
}
