/** An ONNX model in its outermost form only: a version and a graph of bytes without a meaning. */
export function emptyOnnx(graphBytes = 100): Buffer {
  if (graphBytes > 127) throw new Error('The length would take more than one byte.');
  return Buffer.from([0x08, 0x08, 0x3a, graphBytes, ...new Uint8Array(graphBytes).fill(0xff)]);
}

/** What describes a Piper voice, as its publisher writes it. */
export const piperDescription = {
  audio: { sample_rate: 22_050 },
  espeak: { voice: 'en-us' },
  phoneme_type: 'espeak',
  phoneme_id_map: { _: [0], '^': [1], $: [2], a: [14] },
  num_speakers: 1,
  speaker_id_map: {},
};
