import type { NativeModel, NativeParams, NativeResult } from '../../src/engine/native-binding.js';
import { addon, cutTo, modelPath, params } from '../native/support.js';

/** A rehearsal runs on the CPU what does not need a GPU, so that the tests themselves are known to work. */
export const rehearsal = process.env.GPU_TESTS === 'rehearse';

/** The first GPU, or the CPU in a rehearsal. */
const gpu = rehearsal ? null : 0;

export function loadOnGpu(flashAttention = false): Promise<NativeModel> {
  return addon.loadModel({ path: modelPath, gpu, flashAttention });
}

export function loadOnCpu(): Promise<NativeModel> {
  return addon.loadModel({ path: modelPath, gpu: null, flashAttention: false });
}

/** Cut to the window as without flash attention, up to the next multiple of 256 with it. */
export function contextFor(pcm: Float32Array, flashAttention: boolean): NativeParams {
  const { audioContext } = cutTo(pcm);
  if (!flashAttention) return { ...params, audioContext };
  const rounded = Math.ceil(audioContext / 256) * 256;
  // 1280 is the longest; beyond it the full context is on a multiple by itself.
  return { ...params, audioContext: rounded > 1280 ? 0 : rounded };
}

/** One window on a state of its own. */
export async function transcribeOnce(
  model: NativeModel,
  pcm: Float32Array,
  given: NativeParams,
): Promise<NativeResult> {
  const state = await model.createState();
  try {
    return await state.transcribe(pcm, given);
  } finally {
    state.free();
  }
}

export function textOf({ segments }: NativeResult): string {
  return segments.map(({ text }) => text).join('');
}
