/** What TypeScript's library does not have of the audio thread. */
declare const currentFrame: number;
declare function registerProcessor(name: string, processor: unknown): void;
declare const AudioWorkletProcessor: new () => { readonly port: MessagePort };

/**
 * Runs in the browser's audio thread, as text: it may use nothing from outside of itself. Gives 16-bit
 * samples in blocks of 96 ms that begin at multiples of their length, so that the blocks of all tracks
 * are ready at the same moment and travel together. A track that has nothing to play is silence. Any
 * message ends it: nothing else does, and the browser would run it as long as the meeting lasts.
 */
export function pcmBlocks(): void {
  const blockSamples = 1_536;
  const quantum = 128;
  class PcmBlocks extends AudioWorkletProcessor {
    #samples = new Int16Array(blockSamples);
    #ended = false;

    constructor() {
      super();
      this.port.onmessage = () => {
        this.#ended = true;
        this.port.close();
      };
    }

    process([input]: Float32Array[][]): boolean {
      if (this.#ended) return false;
      const at = currentFrame % blockSamples;
      const channel = input?.[0];
      for (let i = 0; i < quantum; i++) {
        const value = Math.max(-1, Math.min(1, channel?.[i] ?? 0));
        this.#samples[at + i] = Math.round(value * 32_767);
      }
      if (at + quantum >= blockSamples) {
        const pcm = this.#samples.buffer;
        this.port.postMessage({ frame: currentFrame - at, wallMs: Date.now(), pcm }, [pcm]);
        this.#samples = new Int16Array(blockSamples);
      }
      return true;
    }
  }
  registerProcessor('pcm-blocks', PcmBlocks);
}
