import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { NativeModel, NativeState } from '../../src/engine/native-binding.js';
import {
  contentOf,
  cutTo,
  decode,
  expectCode,
  firstSeconds,
  loadModel,
  params,
  sanitized,
  speech,
  speechText,
  tailed,
  wordsOf,
} from './support.js';

const shared = fileURLToPath(new URL('../../../shared/audio', import.meta.url));

let model: NativeModel;

beforeAll(async () => {
  model = await loadModel();
});

afterAll(() => model.free());

async function withState<T>(work: (state: NativeState) => Promise<T>): Promise<T> {
  const state = await model.createState();
  try {
    return await work(state);
  } finally {
    state.free();
  }
}

test('the model describes itself', () => {
  expect(model).toMatchObject({ type: 'base', multilingual: true });
  expect(model.memory).toBeGreaterThan(70_000_000);
  expect(model.memory).toBeLessThan(100_000_000);
});

describe.skipIf(process.platform !== 'linux')('the priority of threads', () => {
  test.each([true, false])('where yielding is %s', async (yielding) => {
    const threadsBefore = niceOfThreads().length;
    await withState(async (state) => {
      let running = true;
      const done = state
        .transcribe(speech, { ...cutTo(speech), threads: 2, yielding })
        .finally(() => {
          running = false;
        });
      const seen = new Set<number>();
      while (running) {
        const threads = niceOfThreads();
        // The second thread of an inference has come.
        if (threads.length >= threadsBefore + 2) for (const nice of threads) seen.add(nice);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      expect(wordsOf(await done)).toBe(speechText);
      const own = Math.min(...seen);
      expect([...seen].some((nice) => nice > own)).toBe(yielding);
    });
    expect(new Set(niceOfThreads()).size).toBe(1);
  });

  /** Of all threads of this process; one that ends meanwhile has none. */
  function niceOfThreads(): number[] {
    return readdirSync('/proc/self/task').flatMap((thread) => {
      const stat = statOf(thread);
      // Behind the name in brackets, which may hold anything, the 17th field.
      return stat === null ? [] : Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16]);
    });
  }

  function statOf(thread: string): string | null {
    try {
      return readFileSync(`/proc/self/task/${thread}/stat`, 'utf8');
    } catch {
      return null;
    }
  }
});

test('clean speech is transcribed word by word', async () => {
  const result = await withState((state) => state.transcribe(speech, cutTo(speech)));

  expect(wordsOf(result)).toBe(speechText);
  expect(result).toMatchObject({ language: 'en', languageProbability: 1 });
  expect(result.encodeMs).toBeGreaterThan(0);
  expect(result.decodeMs).toBeGreaterThan(0);
  let previousEnd = 0;
  for (const segment of result.segments) {
    expect(segment.words.map((word) => word.text).join('')).toBe(segment.text);
    expect(segment.endMs).toBeGreaterThanOrEqual(segment.startMs);
    expect(segment.endMs).toBeLessThanOrEqual(11_000);
    expect(segment.avgLogprob).toBeLessThan(0);
    expect(segment.avgLogprob).toBeGreaterThan(-1);
    expect(segment.noSpeechProbability).toBeLessThan(0.5);
    for (const word of segment.words) {
      expect(word.startMs).toBeGreaterThanOrEqual(previousEnd);
      expect(word.endMs).toBeGreaterThanOrEqual(word.startMs);
      expect(word.endMs).toBeLessThanOrEqual(11_000);
      expect(word.probability).toBeGreaterThan(0);
      expect(word.probability).toBeLessThanOrEqual(1);
      previousEnd = word.endMs;
    }
  }
  const words = result.segments.flatMap((segment) => segment.words);
  const country = words.find((word) => word.text.includes('country'));
  // "country" is spoken from about 5.6 s to 6.3 s.
  expect(country?.startMs).toBeGreaterThan(4_500);
  expect(country?.endMs).toBeLessThan(7_500);
});

// whisper.cpp 1.9.1 computes this from memory that the window before has left.
test('speech is told from noise by its no-speech probability, whatever came before', async () => {
  const spoken = firstSeconds(3);
  const noise = Float32Array.from(spoken, (_, i) => (((i * 7919) % 1000) / 1000 - 0.5) * 0.02);
  await withState(async (state) => {
    const probability = async (pcm: Float32Array) => {
      const given = { ...cutTo(pcm), noSpeechThreshold: 1, maxTokens: 8 };
      return (await state.transcribe(pcm, given)).segments[0]?.noSpeechProbability;
    };
    const ofSpeech = await probability(spoken);
    const ofNoise = await probability(noise);
    expect(ofSpeech).toBeLessThan(0.3);
    expect(ofNoise).toBeGreaterThan(0.6);
    expect(await probability(spoken)).toBe(ofSpeech);
    expect(await probability(noise)).toBe(ofNoise);
  });
});

test('without word timestamps there are no words', async () => {
  const pcm = firstSeconds(3);
  const result = await withState((state) =>
    state.transcribe(pcm, { ...cutTo(pcm), wordTimestamps: false }),
  );
  expect(wordsOf(result)).toContain('my fellow americans');
  expect(result.segments.flatMap((segment) => segment.words)).toEqual([]);
});

test('several beams and several threads hear the same words', async () => {
  const pcm = firstSeconds(3);
  const result = await withState((state) =>
    state.transcribe(pcm, { ...cutTo(pcm), beamSize: 3, bestOf: 3, threads: 2 }),
  );
  expect(wordsOf(result)).toContain('and so my fellow americans');
});

test.each([1, 100, 1_600, 15_999, 16_000, 17_601])(
  '%i samples are padded and transcribed without a crash',
  async (samples) => {
    const pcm = speech.slice(20_000, 20_000 + samples);
    const result = await withState((state) => state.transcribe(pcm, cutTo(pcm)));
    const endMs = Math.max(0, ...result.segments.map((segment) => segment.endMs));
    expect(endMs).toBeLessThanOrEqual(samples / 16);
  },
);

test.skipIf(sanitized)('thirty seconds are the most, and are transcribed to the end', async () => {
  const pcm = new Float32Array(480_000);
  pcm.set(speech, 0);
  pcm.set(speech, 480_000 - speech.length);
  const result = await withState((state) => state.transcribe(pcm, params));
  expect(wordsOf(result)).toBe(`${speechText} ${speechText}`);
});

describe('language', () => {
  test('is detected, with its probability, at full and at cut context', async () => {
    const pcm = firstSeconds(3);
    for (const given of [params, cutTo(pcm)]) {
      const result = await withState((state) =>
        state.transcribe(pcm, { ...given, language: 'auto' }),
      );
      expect(result.language).toBe('en');
      expect(result.languageProbability).toBeGreaterThan(0.5);
      expect(result.languageProbability).toBeLessThanOrEqual(1);
      expect(wordsOf(result)).toContain('my fellow americans');
    }
  });

  const others = ['de', 'es', 'ja'].map((code) => ({
    code,
    file: join(shared, `other-lang/leopard_${code}.flac`),
  }));
  test.skipIf(sanitized || !existsSync(shared)).each(others)(
    '$code is told from others',
    async ({ code, file }) => {
      const pcm = decode(file);
      const result = await withState((state) =>
        state.transcribe(pcm, { ...cutTo(pcm), language: 'auto' }),
      );
      expect(result.language).toBe(code);
      const words = result.segments.flatMap((segment) => segment.words);
      expect(words.map((word) => word.text).join('')).toBe(
        result.segments.map((segment) => segment.text).join(''),
      );
      // Japanese has no spaces: a word is a character there, with the punctuation after it.
      const letters = words.map((word) => word.text.match(/\p{Letter}/gu)?.length ?? 0);
      if (code === 'ja') expect(Math.max(...letters)).toBe(1);
    },
  );
});

describe('a state', () => {
  test('is busy while it transcribes', async () => {
    await withState(async (state) => {
      const pcm = firstSeconds(2);
      const first = state.transcribe(pcm, cutTo(pcm));
      await expectCode(state.transcribe(pcm, cutTo(pcm)), 'state_busy');
      await first;
      await state.transcribe(pcm, cutTo(pcm));
    });
  });

  test('that is aborted rejects at once, and is usable afterwards', async () => {
    await withState(async (state) => {
      const pcm = firstSeconds(4);
      const before = contentOf(await state.transcribe(pcm, cutTo(pcm)));
      const running = state.transcribe(speech, params);
      state.abort();
      await expectCode(running, 'aborted');
      expect(contentOf(await state.transcribe(pcm, cutTo(pcm)))).toEqual(before);
    });
  });

  test.skipIf(sanitized)('that is aborted inside the encoder computes no further', async () => {
    await withState(async (state) => {
      const cpuMs = () => {
        const { user, system } = process.cpuUsage();
        return (user + system) / 1000;
      };
      const [begunMs, begunCpuMs] = [performance.now(), cpuMs()];
      await state.transcribe(speech, params);
      const [wholeMs, wholeCpuMs] = [performance.now() - begunMs, cpuMs() - begunCpuMs];
      const running = state.transcribe(speech, params);
      // Anywhere before the end will do; a third of the time is usually inside the encoder.
      await new Promise((resolve) => setTimeout(resolve, wholeMs / 3));
      const abortedCpuMs = cpuMs();
      state.abort();
      await expectCode(running, 'aborted');
      expect(cpuMs() - abortedCpuMs).toBeLessThan(wholeCpuMs / 4);
    });
  });

  test('that was aborted while it was idle still transcribes', async () => {
    await withState(async (state) => {
      const pcm = firstSeconds(2);
      state.abort();
      await state.transcribe(pcm, cutTo(pcm));
    });
  });

  test('freed during a run finishes it, and is gone then', async () => {
    const pcm = firstSeconds(4);
    const state = await model.createState();
    const running = state.transcribe(pcm, cutTo(pcm));
    state.free();
    state.free();
    await expectCode(state.transcribe(pcm, cutTo(pcm)), 'freed');
    expect(wordsOf(await running)).toContain('my fellow americans');
    await expectCode(state.transcribe(pcm, cutTo(pcm)), 'freed');
    state.abort();
  });

  test('freed during a run can still be aborted', async () => {
    const state = await model.createState();
    const running = state.transcribe(speech, params);
    state.free();
    state.abort();
    await expectCode(running, 'aborted');
  });

  test('outlives its model', async () => {
    const own = await loadModel();
    const state = await own.createState();
    own.free();
    own.free();
    await expectCode(own.createState(), 'freed');
    const pcm = firstSeconds(2);
    expect(wordsOf(await state.transcribe(pcm, cutTo(pcm)))).toContain('and so');
    state.free();
  });

  test('is not harmed by a caller who writes to the audio while it runs', async () => {
    await withState(async (state) => {
      const pcm = firstSeconds(4).slice();
      const expected = contentOf(await state.transcribe(pcm, cutTo(pcm)));
      const running = state.transcribe(pcm, cutTo(pcm));
      pcm.fill(Number.NaN);
      expect(contentOf(await running)).toEqual(expected);
    });
  });
});

describe('a compressed tail', () => {
  const pcm = firstSeconds(3);

  test('in which every frame stands for itself is the full context', async () => {
    await withState(async (state) => {
      const full = contentOf(await state.transcribe(pcm, params));
      const tail = { dense: 16, stride: 1 };
      expect(contentOf(await state.transcribe(pcm, { ...params, tail }))).toEqual(full);
    });
  });

  test('hears what the full context hears, and is nearly as sure', async () => {
    await withState(async (state) => {
      const full = await state.transcribe(pcm, params);
      const short = await state.transcribe(pcm, tailed);
      expect(wordsOf(short)).toBe(wordsOf(full));
      const [sure] = full.segments.map(({ avgLogprob }) => avgLogprob);
      const less = (sure as number) - (short.segments[0]?.avgLogprob as number);
      expect(Math.abs(less)).toBeLessThan(0.2);
    });
  });

  test.each([
    [1, { dense: 0, stride: 1500 }],
    [20, { dense: 1500, stride: 7 }],
    [29_500, { dense: 0, stride: 7 }],
    [30_000, { dense: 16, stride: 32 }],
  ])('fits a window of %i ms', async (ms, tail) => {
    const long = Float32Array.from({ length: ms * 16 }, (_, i) => speech[i % 176_000] as number);
    await withState(async (state) => {
      await state.transcribe(long, { ...params, tail, maxTokens: 1, singleSegment: true });
    });
  });
});

describe('a result never depends on what its state decoded before', () => {
  // With flash attention whisper.cpp reads rows of earlier windows where audioContext is no multiple
  // of 256; without it nothing is left over. What else it carries over, we reset.
  const window = firstSeconds(4);
  const cases = [
    ['cut context', cutTo(window)],
    ['full context', params],
    ['a compressed tail', tailed],
    ['a detected language', { ...cutTo(window), language: 'auto' }],
    ['sampling', { ...cutTo(window), temperature: 0.8, bestOf: 2 }],
    ['beams', { ...cutTo(window), beamSize: 4 }],
  ] as const;

  test.each(sanitized ? cases.slice(0, 1) : cases)('with %s', async (_, given) => {
    const fresh = contentOf(await withState((state) => state.transcribe(window, given)));
    await withState(async (state) => {
      const loud = Float32Array.from({ length: 160_000 }, (_, i) => Math.sin(i * i) * 0.9);
      loud.set(speech.subarray(100_000), 60_000);
      const other = { ...cutTo(loud), prompt: 'Something else.', temperature: 1, maxTokens: 40 };
      await state.transcribe(loud, other);
      expect(contentOf(await state.transcribe(window, given))).toEqual(fresh);
      // Once more, after a window of the same kind.
      expect(contentOf(await state.transcribe(window, given))).toEqual(fresh);
    });
  });
});

describe('states in parallel', () => {
  test('hear the same as each alone', async () => {
    const windows = [speech.subarray(0, 64_000), speech.subarray(100_000, 176_000)];
    const alone = [];
    for (const pcm of windows) {
      alone.push(contentOf(await withState((state) => state.transcribe(pcm, cutTo(pcm)))));
    }
    const together = await Promise.all(
      windows.map((pcm) => withState((state) => state.transcribe(pcm, cutTo(pcm)))),
    );
    expect(together.map(contentOf)).toEqual(alone);
    expect(alone[0]).not.toEqual(alone[1]);
  });

  // whisper.cpp crashed above eight in the past.
  test('may be twelve', async () => {
    const pcm = firstSeconds(2);
    const states = await Promise.all(Array.from({ length: 12 }, () => model.createState()));
    const results = await Promise.all(states.map((state) => state.transcribe(pcm, cutTo(pcm))));
    for (const result of results)
      expect(contentOf(result)).toEqual(contentOf(results[0] ?? result));
    expect(results[0] && wordsOf(results[0])).toContain('and so');
    for (const state of states) state.free();
  });
});
