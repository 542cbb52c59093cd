import { afterAll, beforeAll, expect, test } from 'vitest';
import type { NativeModel, NativeParams } from '../../src/engine/native-binding.js';
import { contentOf, firstSeconds, loadModel, params, speech } from './support.js';

let model: NativeModel;
beforeAll(async () => {
  model = await loadModel(true);
});
afterAll(() => model.free());

const short = firstSeconds(3);

// whisper.cpp 1.9.1 reads padding rows of the cross-attention without masking them, and where these
// lie depends on the context: cut windows write where the padding of a full one is.
test.each([
  ['full', 0],
  ['cut', 512],
])('after cut windows a %s one hears nothing of them', async (_, audioContext) => {
  const given: NativeParams = { ...params, audioContext };
  const fresh = await model.createState();
  const alone = contentOf(await fresh.transcribe(short, given));
  fresh.free();

  const state = await model.createState();
  for (const before of [256, 512, 768, 1280]) {
    const pcm = speech.subarray(0, Math.min(speech.length, before * 320));
    await state.transcribe(pcm, { ...params, audioContext: before, maxTokens: 4 });
  }
  expect(contentOf(await state.transcribe(short, given))).toEqual(alone);
  // Nor does anything remain of the full one.
  expect(contentOf(await state.transcribe(short, given))).toEqual(alone);
  state.free();
});
