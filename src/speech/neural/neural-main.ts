import type { Service } from '../../engine/index.js';
import { serveParent } from '../../engine/index.js';
import { GatewayError } from '../../errors/index.js';
import type { NeuralCall, NeuralReady, NeuralResult, NeuralSetup } from './messages.js';

// Entry of a process that speaks with one neural voice: a model that sherpa-onnx dislikes ends the
// process it is in.
serveParent(openVoice);

async function openVoice({
  voice,
  threads,
}: NeuralSetup): Promise<Service<NeuralReady, NeuralCall, NeuralResult>> {
  const { OfflineTts } = await loadSherpa();
  const model = { [voice.family]: voice.files, numThreads: threads };
  const tts = await OfflineTts.createAsync({
    model: { ...model, provider: 'cpu', debug: false },
    maxNumSentences: 1,
  }).catch((cause: unknown) => {
    throw new GatewayError('model_load_failed', { cause });
  });
  return {
    ready: { sampleRate: tts.sampleRate },
    call: async ({ text, speaker, speed }) => {
      const request = { text, sid: speaker, speed, enableExternalBuffer: false };
      const { samples } = await tts.generateAsync(request);
      return Int16Array.from(samples, (it) => Math.max(-1, Math.min(1, it)) * 32_767);
    },
  };
}

async function loadSherpa() {
  try {
    return (await import('sherpa-onnx-node')).default;
  } catch (cause) {
    throw new GatewayError('speech_unavailable', {
      message: 'Neural voices need sherpa-onnx-node: npm install sherpa-onnx-node brings it.',
      cause,
    });
  }
}
