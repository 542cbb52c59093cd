import { sampleRate, toFloat32 } from '../audio/index.js';
import { GatewayError } from '../errors/index.js';
import type { DecodeOptions, Hypothesis } from './engine.js';
import type {
  InferenceCall,
  InferenceReady,
  InferenceResult,
  InferenceSetup,
  OnLog,
} from './messages.js';
import type { NativeAddon, NativeDevice, NativeModel } from './native-binding.js';
import { nativeError } from './native-error.js';
import { toNativeParams } from './native-params.js';
import { openAddon } from './open-addon.js';
import type { Service } from './serve-parent.js';
import { createStatePool } from './state-pool.js';
import { toHypothesis } from './to-hypothesis.js';

type Transcribe = Extract<InferenceCall, { kind: 'transcribe' }>;

/** What leaves a state as it was: it ended as it should, or never began. */
const harmless = ['cancelled', 'invalid_argument', 'unknown_language'];

/**
 * Loads a model, opens its states and tries one, for the life of this process: one set of weights,
 * one state for each inference that may run at the same time.
 * @throws GatewayError `backend_unavailable`, `model_not_found`, `model_corrupt`,
 *   `model_load_failed` or `engine_out_of_memory`.
 */
export async function openInference(
  setup: InferenceSetup,
  log: OnLog,
): Promise<Service<InferenceReady, InferenceCall, InferenceResult>> {
  const addon = openAddon(setup.addonPath, log);
  const device = deviceOf(addon, setup.gpu);
  const model = await loadModel(addon, setup);
  const states = createStatePool(model);
  /** Inferences that somebody waits for live. */
  let live = 0;

  async function transcribe(window: Transcribe, signal: AbortSignal): Promise<Hypothesis> {
    const state = await states.take();
    let failed = false;
    const abort = () => state.abort();
    const startedAt = performance.now();
    const yields = window.lane === 'batch';
    if (!yields) live++;
    try {
      // The signal may have aborted while a state was opened.
      if (signal.aborted) throw new GatewayError('cancelled');
      // What gives way takes no core from others, so to them it is not there.
      const active = yields ? states.busy : live;
      const threads = threadsFor(setup, addon.openmp, active);
      const params = toNativeParams(window.options, window.lane, threads);
      const running = state.transcribe(toFloat32(window.pcm), params);
      signal.addEventListener('abort', abort);
      return toHypothesis(await running, performance.now() - startedAt);
    } catch (error) {
      const ours = nativeError(error, 'inference_failed');
      failed = !harmless.includes(ours.code);
      throw ours;
    } finally {
      if (!yields) live--;
      signal.removeEventListener('abort', abort);
      states.give(state, failed);
    }
  }

  async function call(asked: InferenceCall, signal: AbortSignal): Promise<InferenceResult> {
    try {
      switch (asked.kind) {
        case 'transcribe':
          return await transcribe(asked, signal);
        case 'resize':
          await states.resize(asked.slots);
          return null;
        default:
          throw new GatewayError('invalid_argument', { cause: asked satisfies never });
      }
    } catch (error) {
      throw nativeError(error, 'inference_failed');
    }
  }

  try {
    await states.resize(setup.slots);
    await transcribe(trialWindow, new AbortController().signal);
  } catch (error) {
    throw nativeError(error, 'model_load_failed');
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

const trialOptions: DecodeOptions = {
  language: 'en',
  task: 'transcribe',
  prompt: '',
  // A multiple of 256, which flash attention asks for.
  audioContext: 256,
  tail: null,
  beamSize: 1,
  temperature: 0,
  temperatureIncrement: 0,
  maxTokens: 8,
  alignWords: false,
};

/**
 * One second of silence, before anybody waits: a GPU that this binary was not compiled for, or that
 * has no memory to compute with, fails here and not on somebody's words.
 */
const trialWindow: Transcribe = {
  kind: 'transcribe',
  lane: 'partial',
  pcm: new Int16Array(sampleRate),
  options: trialOptions,
};

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
  const message = `There is no GPU ${gpu}.`;
  throw new GatewayError('backend_unavailable', { message, cause: new Error(message) });
}

async function loadModel(
  addon: NativeAddon,
  { modelPath: path, gpu, flashAttention }: InferenceSetup,
): Promise<NativeModel> {
  try {
    return await addon.loadModel({ path, gpu, flashAttention });
  } catch (error) {
    throw nativeError(error, 'model_load_failed');
  }
}
