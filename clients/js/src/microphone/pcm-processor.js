/* global AudioWorkletProcessor, registerProcessor */

/** Samples of one message: 40 ms at 16 kHz. */
const messageSamples = 640;

/**
 * Turns what a microphone gives into 16-bit samples, and says how loud they are. Runs in the browser's
 * audio thread, from a file of its own: a strict Content-Security-Policy allows no other way.
 */
class PcmProcessor extends AudioWorkletProcessor {
  #samples = new Int16Array(messageSamples);
  #count = 0;
  #energy = 0;

  process([input]) {
    const channel = input[0];
    if (!channel) return true;
    for (const value of channel) {
      const sample = Math.max(-1, Math.min(1, value));
      this.#energy += sample * sample;
      this.#samples[this.#count++] = Math.round(sample * 32_767);
      if (this.#count === messageSamples) this.#post();
    }
    return true;
  }

  #post() {
    const pcm = this.#samples.buffer;
    this.port.postMessage({ pcm, rms: Math.sqrt(this.#energy / messageSamples) }, [pcm]);
    this.#samples = new Int16Array(messageSamples);
    this.#count = 0;
    this.#energy = 0;
  }
}

registerProcessor('pcm-processor', PcmProcessor);
