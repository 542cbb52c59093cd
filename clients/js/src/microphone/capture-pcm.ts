import type { Capture, CaptureListener } from './capture.js';

/** What the gateway decodes without ffmpeg. */
const preferredRate = 16_000;

/**
 * Raw samples by AudioWorklet, at 16 kHz where the browser resamples, else at the microphone's rate.
 * @param processorUrl Of pcm-processor.js.
 */
export async function capturePcm(
  stream: MediaStream,
  listener: CaptureListener,
  processorUrl: string | URL,
): Promise<Capture> {
  const { context, source } = openContext(stream);
  try {
    await context.audioWorklet.addModule(processorUrl);
    const node = new AudioWorkletNode(context, 'pcm-processor', {
      numberOfOutputs: 0,
      channelCount: 1,
      channelCountMode: 'explicit',
    });
    node.port.onmessage = ({ data }: MessageEvent<{ pcm: ArrayBuffer; rms: number }>) => {
      listener.audio(new Uint8Array(data.pcm));
      listener.level(data.rms);
    };
    source.connect(node);
    // A context that was not made within a click may be asleep.
    await context.resume();
  } catch (error) {
    await context.close();
    throw error;
  }
  return {
    format: { format: 'pcm_s16le', sample_rate: context.sampleRate, channels: 1 },
    restart() {},
    close: async () => void context.close(),
  };
}

function openContext(stream: MediaStream) {
  const context = new AudioContext({ sampleRate: preferredRate, latencyHint: 'interactive' });
  try {
    return { context, source: context.createMediaStreamSource(stream) };
  } catch {
    // Firefox joins no microphone to a context of another rate.
    void context.close();
    const own = new AudioContext({ latencyHint: 'interactive' });
    return { context: own, source: own.createMediaStreamSource(stream) };
  }
}
