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
  ['full', 0, 512],
  ['cut', 512, 0],
])('a %s context hears nothing of what came before', async (_, audioContext, before) => {
  const given: NativeParams = { ...params, audioContext, maxTokens: 8 };
  const fresh = await model.createState();
  const alone = contentOf(await fresh.transcribe(short, given));
  fresh.free();

  const state = await model.createState();
  const other = speech.subarray(48_000, 176_000);
  await state.transcribe(other, { ...given, audioContext: before });
  expect(contentOf(await state.transcribe(short, given))).toEqual(alone);
  state.free();
});
