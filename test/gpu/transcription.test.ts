import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { NativeModel } from '../../src/engine/native-binding.js';
import {
  addon,
  decode,
  expectCode,
  firstSeconds,
  speech,
  speechText,
  tailed,
  wordsOf,
} from '../native/support.js';
import { readManifest, sharedAudio } from '../support/shared-audio.js';
import { pooledErrorRate } from '../support/word-error-rate.js';
import { contextFor, loadOnCpu, loadOnGpu, rehearsal, textOf, transcribeOnce } from './support.js';

/** A GPU adds up in another order than a CPU, which turns a word where two were close. */
const mostDifferent = 0.03;
/** A rehearsal only shows that the test works. */
const utterances = rehearsal ? 2 : 20;

let onGpu: NativeModel;
beforeAll(async () => {
  onGpu = await loadOnGpu();
});
afterAll(() => onGpu.free());

test('clean speech is transcribed word by word', async () => {
  const result = await transcribeOnce(onGpu, speech, contextFor(speech, false));
  expect(wordsOf(result)).toBe(speechText);
});

describe.skipIf(!sharedAudio)('the text is that of the CPU', () => {
  test('on real utterances, within the word error rate that rounding explains', async () => {
    const onCpu = await loadOnCpu();
    const files = readManifest()
      .filter(({ file, seconds }) => file.startsWith('librispeech') && seconds <= 20)
      .slice(0, utterances);
    expect(files.length).toBe(utterances);
    const pairs = [];
    for (const { file } of files) {
      const pcm = decode(join(sharedAudio as string, file));
      const given = contextFor(pcm, false);
      const reference = textOf(await transcribeOnce(onCpu, pcm, { ...given, threads: 2 }));
      pairs.push({ reference, heard: textOf(await transcribeOnce(onGpu, pcm, given)) });
    }
    onCpu.free();
    expect(pooledErrorRate(pairs)).toBeLessThanOrEqual(mostDifferent);
  }, 900_000);
});

test('a compressed tail is heard as on the CPU', async () => {
  const pcm = firstSeconds(4);
  const onCpu = await loadOnCpu();
  const reference = await transcribeOnce(onCpu, pcm, tailed);
  onCpu.free();
  const heard = await transcribeOnce(onGpu, pcm, tailed);
  expect(wordsOf(heard)).toBe(wordsOf(reference));
  expect(heard.segments[0]?.noSpeechProbability).toBeCloseTo(
    reference.segments[0]?.noSpeechProbability as number,
    1,
  );
});

test('a language is detected as on the CPU', async () => {
  const pcm = firstSeconds(5);
  const result = await transcribeOnce(onGpu, pcm, { ...contextFor(pcm, false), language: 'auto' });
  expect(result.language).toBe('en');
  expect(result.languageProbability).toBeGreaterThan(0.5);
});

describe('a window does not depend on those before it', () => {
  test.each([
    ['without flash attention', false],
    ['with flash attention', true],
  ])('%s', async (_, flashAttention) => {
    if (flashAttention && !addon.gpuFlashAttention) {
      // Built without its kernels, every attention would go back to the CPU in silence.
      return await expectCode(loadOnGpuForSure(), 'invalid_argument');
    }
    const model = await loadOnGpu(flashAttention);
    const short = firstSeconds(3);
    const alone = await transcribeOnce(model, short, contextFor(short, flashAttention));
    const state = await model.createState();
    await state.transcribe(speech, contextFor(speech, flashAttention));
    const after = await state.transcribe(short, contextFor(short, flashAttention));
    expect(textOf(after)).toBe(textOf(alone));
    expect(after.segments.map(({ avgLogprob }) => avgLogprob)).toEqual(
      alone.segments.map(({ avgLogprob }) => expect.closeTo(avgLogprob, 3)),
    );
    state.free();
    model.free();
  });

  /** Also in a rehearsal this asks for a GPU, which is refused one way or the other. */
  const loadOnGpuForSure = () => addon.loadModel({ path: 'none', gpu: 0, flashAttention: true });
});

test('with flash attention, contexts that are no multiple of 256 are refused', async () => {
  if (!addon.gpuFlashAttention) return;
  const model = await loadOnGpu(true);
  const pcm = firstSeconds(3);
  const given = contextFor(pcm, true);
  await expectCode(transcribeOnce(model, pcm, { ...given, audioContext: 300 }), 'invalid_argument');
  expect(wordsOf(await transcribeOnce(model, pcm, given))).toContain('my fellow americans');
  model.free();
});

test('states work side by side, each on a window of its own', async () => {
  const windows = [2, 3, 5, 8].map((seconds) => firstSeconds(seconds));
  const alone = [];
  for (const pcm of windows) {
    alone.push(textOf(await transcribeOnce(onGpu, pcm, contextFor(pcm, false))));
  }
  const states = await Promise.all(windows.map(() => onGpu.createState()));
  for (let round = 0; round < 3; round++) {
    const together = await Promise.all(
      states.map((state, i) => {
        const pcm = windows[i] as Float32Array;
        return state.transcribe(pcm, contextFor(pcm, false));
      }),
    );
    expect(together.map(textOf)).toEqual(alone);
  }
  for (const state of states) state.free();
});

test('an abort ends a window, and neither its state nor the others suffer', async () => {
  const [aborted, other] = await Promise.all([onGpu.createState(), onGpu.createState()]);
  const given = contextFor(speech, false);
  const running = aborted.transcribe(speech, given);
  const beside = other.transcribe(speech, given);
  aborted.abort();
  await expectCode(running, 'aborted');
  expect(wordsOf(await beside)).toBe(speechText);
  expect(wordsOf(await aborted.transcribe(speech, given))).toBe(speechText);
  aborted.free();
  other.free();
});
