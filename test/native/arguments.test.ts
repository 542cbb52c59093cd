import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { NativeModel, NativeParams, NativeState } from '../../src/engine/native-binding.js';
import {
  addon,
  cutTo,
  expectCode,
  firstSeconds,
  loadModel,
  modelPath,
  params,
  voiceActivityPath,
} from './support.js';

let model: NativeModel;
let state: NativeState;
const pcm = firstSeconds(1);

beforeAll(async () => {
  model = await loadModel();
  state = await model.createState();
});

afterAll(() => {
  state.free();
  model.free();
});

/** Calls with whatever a caller without a type checker could pass. */
function transcribe(samples: unknown, given: unknown): Promise<unknown> {
  return state.transcribe(samples as Float32Array, given as NativeParams);
}

describe('PCM is refused', () => {
  test.each([
    ['nothing', undefined],
    ['a plain array', [0, 0, 0]],
    ['s16 samples', new Int16Array(16_000)],
    ['doubles', new Float64Array(16_000)],
    ['no samples', new Float32Array(0)],
    ['more than 30 s', new Float32Array(480_001)],
    ['a NaN', Float32Array.of(0, Number.NaN, 0)],
    ['an infinity', Float32Array.of(0, Number.NEGATIVE_INFINITY)],
    ['unscaled s16 values', Float32Array.of(0, 12_000)],
  ])('that is %s', async (_, samples) => {
    await expectCode(transcribe(samples, params), 'invalid_argument');
  });

  test('whose memory was given away', async () => {
    const gone = new Float32Array(16_000);
    structuredClone(gone, { transfer: [gone.buffer] });
    await expectCode(transcribe(gone, params), 'invalid_argument');
  });
});

describe('parameters are refused', () => {
  test.each([
    ['nothing', undefined],
    ['null', null],
    ['a string', 'en'],
  ])('that are %s', async (_, given) => {
    await expectCode(transcribe(pcm, given), 'invalid_argument');
  });

  test.each(Object.keys(params))('without %s', async (name) => {
    const { [name as keyof NativeParams]: _, ...rest } = params;
    await expectCode(transcribe(pcm, rest), 'invalid_argument');
  });

  test('with a field that does not exist', async () => {
    await expectCode(transcribe(pcm, { ...params, nThreads: 2 }), 'invalid_argument');
  });

  test.each<[string, unknown]>([
    ['language', 7],
    ['language', 'e\0n'],
    ['translate', 'yes'],
    ['prompt', null],
    ['threads', 0],
    ['threads', 1.5],
    ['threads', 65],
    ['threads', Number.NaN],
    ['audioContext', -1],
    ['audioContext', 1501],
    ['tail', undefined],
    ['tail', 32],
    ['tail', { dense: 16 }],
    ['tail', { dense: -1, stride: 32 }],
    ['tail', { dense: 1501, stride: 32 }],
    ['tail', { dense: 0.5, stride: 32 }],
    ['tail', { dense: 16, stride: 0 }],
    ['tail', { dense: 16, stride: 1501 }],
    ['tail', { dense: 16, stride: Number.NaN }],
    ['tail', { dense: 16, stride: 32, weight: 1 }],
    ['beamSize', 0],
    ['beamSize', 9],
    ['bestOf', -2],
    ['temperature', -0.1],
    ['temperature', Number.POSITIVE_INFINITY],
    ['temperatureIncrement', 0.001],
    ['entropyThreshold', Number.NaN],
    ['logprobThreshold', '0'],
    ['noSpeechThreshold', 1.1],
    ['maxTokens', -1],
    ['maxTokens', 10_000],
    ['singleSegment', 1],
    ['suppressNonSpeech', undefined],
    ['wordTimestamps', null],
    ['yielding', 1],
  ])('with %s = %s', async (name, value) => {
    await expectCode(transcribe(pcm, { ...params, [name]: value }), 'invalid_argument');
  });

  test('when reading one throws', async () => {
    const hostile = new Proxy(params, {
      get() {
        throw new Error('no');
      },
    });
    await expectCode(transcribe(pcm, hostile), 'invalid_argument');
  });

  test('with a context that would cut off the end of the audio', async () => {
    await expectCode(state.transcribe(pcm, { ...params, audioContext: 49 }), 'invalid_argument');
  });

  test('with a tail to a context that is cut already', async () => {
    const tail = { dense: 16, stride: 32 };
    await expectCode(state.transcribe(pcm, { ...cutTo(pcm), tail }), 'invalid_argument');
  });

  test.each(['xx', '', 'EN', 'german', 'yue'])(
    'with the unknown language "%s"',
    async (language) => {
      await expectCode(transcribe(pcm, { ...params, language }), 'unknown_language');
    },
  );
});

test('a refused call leaves the state usable', async () => {
  await expectCode(transcribe(pcm, { ...params, threads: 0 }), 'invalid_argument');
  await expect(state.transcribe(pcm, cutTo(pcm))).resolves.toMatchObject({ language: 'en' });
});

test('a very long prompt is cut to what the decoder sees', async () => {
  const prompts = ['word '.repeat(20_000), 'a'.repeat(100_000), '語'.repeat(50_000)];
  for (const prompt of prompts) {
    await state.transcribe(pcm, { ...cutTo(pcm), prompt, maxTokens: 4 });
  }
});

test('with flash attention, a context that would leak earlier audio is refused', async () => {
  const flash = await loadModel(true);
  const open = await flash.createState();
  await expectCode(open.transcribe(pcm, { ...params, audioContext: 178 }), 'invalid_argument');
  await open.transcribe(pcm, { ...params, audioContext: 256, maxTokens: 4 });
  const tail = { dense: 16, stride: 32 };
  await expectCode(open.transcribe(pcm, { ...params, tail }), 'invalid_argument');
  open.free();
  flash.free();
});

describe('model options are refused', () => {
  const options = { path: modelPath, gpu: null, flashAttention: false };

  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['an empty path', { ...options, path: '' }],
    ['a path with a NUL', { ...options, path: `${modelPath}\0` }],
    ['a GPU that is not there', { ...options, gpu: 99 }],
    ['a negative GPU', { ...options, gpu: -1 }],
    ['a missing field', { path: modelPath, gpu: null }],
    ['a surplus field', { ...options, useGpu: true }],
  ])('that are or have %s', async (_, given) => {
    await expectCode(addon.loadModel(given as typeof options), 'invalid_argument');
  });
});

test('voice activity takes whole frames of floats only', async () => {
  const detector = await addon.loadVoiceActivity(voiceActivityPath);
  for (const samples of [0, 511, 513, 480_256]) {
    await expectCode(detector.probabilities(new Float32Array(samples)), 'invalid_argument');
  }
  const shorts = new Int16Array(512) as unknown as Float32Array;
  await expectCode(detector.probabilities(shorts), 'invalid_argument');
  await expect(detector.probabilities(new Float32Array(512))).resolves.toHaveLength(1);
  detector.free();
});

test('a logger has to be a function or null', () => {
  expect(() => addon.setLogger('stderr' as unknown as null)).toThrow(
    expect.objectContaining({ code: 'invalid_argument' }),
  );
});
