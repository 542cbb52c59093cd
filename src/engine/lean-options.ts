import { encoderFrameSamples, fullContextFrames } from './encoder-frames.js';
import type { DecodeOptions } from './engine.js';

/** Frames beyond the window's own, below which text begins to loop (see docs/adr/0002). */
const margin = 128;
/** With flash attention a context has to be a multiple of this, which the full one is not. */
const flashAttentionRows = 256;

/**
 * The same window for less memory: its context no longer than its audio asks for, decoded greedily.
 * A window that asks for less already, or is too long for a shorter context, keeps its own.
 * @param samples Of the window.
 */
export function leanOptions(
  options: DecodeOptions,
  samples: number,
  flashAttention: boolean,
): DecodeOptions {
  const rows = flashAttention ? flashAttentionRows : 1;
  const needed = Math.ceil((Math.ceil(samples / encoderFrameSamples) + margin) / rows) * rows;
  const asked = options.audioContext || fullContextFrames;
  const lean = { ...options, beamSize: 1 };
  if (needed >= Math.min(asked, fullContextFrames)) return lean;
  // A tail is for windows of full context only.
  return { ...lean, audioContext: needed, tail: null };
}
