import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type {
  NativeModel,
  NativeParams,
  NativeResult,
  NativeState,
  NativeWord,
} from '../../src/engine/native-binding.js';
import { contentOf, cutTo, loadModel, params, speech, tailed } from './support.js';

/** What was asked of word times, on average … */
const mostMeanErrorMs = 200;
/** … and what they are known to reach on this clip, with room for other processors. */
const meanErrorMs = 100;
/** The alignment's own frames and the encoder's. */
const sameMs = 60;
const comparedWords = 4;
const rate = 16_000;

/** Of the clip, by forced alignment with another model (bench/live/alignments). */
const alignment = (
  JSON.parse(
    readFileSync(new URL('../../bench/live/alignments/english.json', import.meta.url), 'utf8'),
  ) as { utterances: Record<string, { text: string; startsMs: number[]; endsMs: number[] }> }
).utterances.jfk as { text: string; startsMs: number[]; endsMs: number[] };

let model: NativeModel;
let state: NativeState;

beforeAll(async () => {
  model = await loadModel();
  state = await model.createState();
});

afterAll(() => {
  state.free();
  model.free();
});

function wordsOf({ segments }: NativeResult): NativeWord[] {
  return segments.flatMap(({ words }) => words);
}

/** Mean distance of starts and of ends from the alignment. */
function errorsOf(words: readonly NativeWord[]): { start: number; end: number } {
  const spelled = words.map(({ text }) => text.toLowerCase().replace(/[^a-z]/g, ''));
  expect(spelled.join(' ')).toBe(alignment.text);
  const mean = (times: number[], known: number[]) =>
    times.reduce((sum, time, i) => sum + Math.abs(time - (known[i] as number)), 0) / times.length;
  return {
    start: mean(
      words.map(({ startMs }) => startMs),
      alignment.startsMs,
    ),
    end: mean(
      words.map(({ endMs }) => endMs),
      alignment.endsMs,
    ),
  };
}

function expectOrder(words: readonly NativeWord[], durationMs: number): void {
  let now = 0;
  for (const { startMs, endMs } of words) {
    expect(startMs).toBeGreaterThanOrEqual(now);
    expect(endMs).toBeGreaterThanOrEqual(startMs);
    now = endMs;
  }
  expect(now).toBeLessThanOrEqual(durationMs);
}

/** The clip at each of these seconds, in silence. */
function clipsAt(seconds: readonly number[], length: number): Float32Array {
  const pcm = new Float32Array(length * rate);
  for (const at of seconds) pcm.set(speech, at * rate);
  return pcm;
}

describe('aligned words', () => {
  test.each<[string, NativeParams]>([
    ['a full context', params],
    ['a cut context', cutTo(speech)],
    ['a compressed tail', tailed],
  ])('are near forced alignment with %s', async (_, given) => {
    const result = await state.transcribe(speech, { ...given, alignWords: true });
    const words = wordsOf(result);
    const { start, end } = errorsOf(words);
    expect(Math.max(start, end)).toBeLessThan(meanErrorMs);
    expect(meanErrorMs).toBeLessThan(mostMeanErrorMs);
    expectOrder(words, (speech.length / rate) * 1000);
    expect(result.alignMs).toBeGreaterThan(0);
  });

  test('have the times of their place in the audio, after a pause and in a later part', async () => {
    const alone = wordsOf(await state.transcribe(speech, { ...tailed, alignWords: true }));
    const pcm = clipsAt([1, 14], 26);
    // So few tokens at once that whisper.cpp encodes what is left anew, more than once.
    for (const maxTokens of [0, 32]) {
      const words = wordsOf(
        await state.transcribe(pcm, { ...tailed, alignWords: true, maxTokens }),
      );
      expectOrder(words, 26_000);
      // Where a part ends a word may be lost: only the first ones can be compared one by one.
      const first = words.findIndex(({ startMs }) => startMs >= 14_000);
      const second = words.slice(first, first + comparedWords);
      expect(second.map(({ text }) => text)).toEqual(
        alone.slice(0, comparedWords).map(({ text }) => text),
      );
      const shifts = second.map(({ startMs }, i) => startMs - (alone[i] as NativeWord).startMs);
      const median = shifts.toSorted((a, b) => a - b)[Math.floor(shifts.length / 2)] as number;
      expect(Math.abs(median - 14_000)).toBeLessThanOrEqual(sameMs);
      const inPause = words.filter(({ startMs }) => startMs > 11_700 && startMs < 14_000);
      expect(inPause).toEqual([]);
    }
  });

  test('say the same as words that are not, which cost nothing', async () => {
    const off = await state.transcribe(speech, tailed);
    const on = await state.transcribe(speech, { ...tailed, alignWords: true });
    expect(wordsOf(on).map(({ text }) => text)).toEqual(wordsOf(off).map(({ text }) => text));
    expect(off.alignMs).toBe(0);
    const without = { ...tailed, wordTimestamps: false, alignWords: true };
    expect((await state.transcribe(speech, without)).alignMs).toBe(0);
    // The pass leaves nothing behind that the next window would see.
    expect(contentOf(await state.transcribe(speech, tailed))).toEqual(contentOf(off));
  });

  test('are the same while another state works on the same model', async () => {
    const other = await model.createState();
    const given = { ...tailed, alignWords: true };
    const alone = contentOf(await state.transcribe(speech, given));
    const both = await Promise.all([
      state.transcribe(speech, given),
      other.transcribe(speech, given),
    ]);
    expect(both.map(contentOf)).toEqual([alone, alone]);
    other.free();
  });

  test('in a language that had to be detected', async () => {
    const fresh = await model.createState();
    const { segments } = await fresh.transcribe(speech, {
      ...tailed,
      language: 'auto',
      alignWords: true,
    });
    const given = await fresh.transcribe(speech, { ...tailed, alignWords: true });
    expect(segments).toEqual(given.segments);
    fresh.free();
  });

  test('are all there where nobody speaks', async () => {
    const noise = Float32Array.from({ length: rate }, (_, i) => Math.sin(i * i) / 100);
    for (const pcm of [new Float32Array(rate / 2), new Float32Array(3), noise]) {
      const result = await state.transcribe(pcm, { ...tailed, alignWords: true });
      expectOrder(wordsOf(result), pcm.length / 16);
    }
  });
});

test('with flash attention words keep the times of whisper.cpp', async () => {
  const flash = await loadModel(true);
  const own = await flash.createState();
  const off = await own.transcribe(speech, params);
  const on = await own.transcribe(speech, { ...params, alignWords: true });
  expect(contentOf(on)).toEqual(contentOf(off));
  own.free();
  flash.free();
});
