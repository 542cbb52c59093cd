import { join } from 'node:path';
import { toFloat32 } from '../../src/audio/index.js';
import { packageRoot } from '../../src/config/index.js';
import { loadAddon, type NativeModel } from '../../src/engine/native-binding.js';
import { toNativeParams } from '../../src/engine/native-params.js';

let model: Promise<NativeModel> | undefined;

/** The text of at most 30 s of 16 kHz mono s16 bytes, decoded in one go with the full context. */
export async function transcribeWhole(pcm: Buffer, language: string): Promise<string> {
  model ??= loadAddon(join(packageRoot, 'build/cpu/whisper_gateway.node')).loadModel({
    path: join(packageRoot, 'models/ggml-base-q8_0.bin'),
    gpu: null,
    flashAttention: false,
  });
  const state = await (await model).createState();
  const samples = new Int16Array(pcm.buffer, pcm.byteOffset, pcm.length >> 1);
  const options = {
    language,
    task: 'transcribe',
    prompt: '',
    audioContext: 0,
    tail: null,
    beamSize: 1,
    temperature: 0,
    temperatureIncrement: 0.2,
    maxTokens: 0,
    alignWords: false,
  } as const;
  const params = toNativeParams(options, 'batch', 1);
  const { segments } = await state.transcribe(toFloat32(samples), params);
  state.free();
  return segments.map(({ text }) => text).join('');
}
