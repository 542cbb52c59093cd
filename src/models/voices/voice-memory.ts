/** What a process that speaks takes beside its model, and what of that for each byte of its file (estimated). */
const processBytes = 64_000_000;
const memoryFactor = 2;

/** Roughly what a neural voice takes while it is loaded. @param onnxBytes Of its `.onnx` file. */
export function voiceMemoryOf(onnxBytes: number): number {
  return processBytes + memoryFactor * onnxBytes;
}
