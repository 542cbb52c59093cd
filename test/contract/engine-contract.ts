import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AudioWindow, DecodeOptions, Engine, Hypothesis } from '../../src/engine/index.js';
import type { GatewayError } from '../../src/errors/index.js';
import { audioWindow } from '../support/audio-window.js';
import { jfkSamples } from '../support/jfk-samples.js';

const slots = 2;
const never = new AbortController().signal;

/** Real speech, cut so short that even the real engine needs less than a second. */
const options = { audioContext: 300 };
const first = audioWindow({ pcm: jfkSamples.subarray(0, 40_000), options });
const second = audioWindow({ pcm: jfkSamples.subarray(48_000, 96_000), options });
/** Takes an engine long enough to be interrupted. */
const long = audioWindow({ pcm: jfkSamples });

/** What is the same on every run: all but the time it took. */
function said({ inferenceMs: _, ...hypothesis }: Hypothesis) {
  return hypothesis;
}

function codeOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'done',
    (error: GatewayError) => error.code,
  );
}

/**
 * What every engine keeps.
 * @param create Makes an engine with `slots` slots that takes at least some milliseconds a window;
 *   closes it after the test.
 */
export function engineContract(create: (slots: number) => Promise<Engine>): void {
  describe('hypotheses', () => {
    test('have ordered words with times inside the window', async () => {
      const engine = await create(slots);
      const { segments, language, languageProbability, inferenceMs } = await engine.transcribe(
        first,
        never,
      );
      expect(segments.length).toBeGreaterThan(0);
      expect([language, languageProbability]).toEqual(['en', 1]);
      expect(inferenceMs).toBeGreaterThan(0);
      let last = 0;
      for (const { words, text, avgLogprob, noSpeechProbability } of segments) {
        expect(avgLogprob).toBeLessThanOrEqual(0);
        expect(noSpeechProbability).toBeGreaterThanOrEqual(0);
        expect(noSpeechProbability).toBeLessThanOrEqual(1);
        const joined = words.map(({ word, spaceBefore }) => (spaceBefore ? ` ${word}` : word));
        expect(joined.join('')).toBe(text);
        for (const { word, startMs, endMs, probability } of words) {
          expect(word).toBe(word.trim());
          expect(word).not.toBe('');
          expect(startMs).toBeGreaterThanOrEqual(last);
          expect(endMs).toBeGreaterThanOrEqual(startMs);
          expect(endMs).toBeLessThanOrEqual(2_500);
          expect(probability).toBeGreaterThanOrEqual(0);
          expect(probability).toBeLessThanOrEqual(1);
          last = startMs;
        }
      }
    });

    test('do not depend on what ran before or runs beside', async () => {
      const engine = await create(slots);
      const alone = [await engine.transcribe(first, never), await engine.transcribe(second, never)];
      const together = await Promise.all([
        engine.transcribe(second, never),
        engine.transcribe(first, never),
      ]);
      expect(together.toReversed().map(said)).toEqual(alone.map(said));
    });
  });

  describe('slots', () => {
    test('are as many as it says; one window more is refused', async () => {
      const engine = await create(slots);
      expect(engine.slots).toBe(slots);
      expect(engine.ready).toBe(true);
      const outcomes = Array.from({ length: slots + 1 }, () =>
        codeOf(engine.transcribe(first, never)),
      );
      expect(await Promise.all(outcomes)).toEqual(['done', 'done', 'engine_unavailable']);
    });

    test('are free in the moment in which a window settles', async () => {
      const engine = await create(1);
      for (let i = 0; i < 3; i++) await engine.transcribe(first, never);
    });
  });

  describe('an abort', () => {
    test('ends the window with cancelled, and leaves slot and state as they were', async () => {
      const engine = await create(1);
      const undisturbed = await engine.transcribe(first, never);
      const controller = new AbortController();
      const aborted = codeOf(engine.transcribe(long, controller.signal));
      setTimeout(() => controller.abort(), 50);
      expect(await aborted).toBe('cancelled');
      expect(said(await engine.transcribe(first, never))).toEqual(said(undisturbed));
    });

    test('in the same moment as the request ends it as well', async () => {
      const engine = await create(1);
      const controller = new AbortController();
      const aborted = codeOf(engine.transcribe(long, controller.signal));
      controller.abort();
      expect(await aborted).toBe('cancelled');
      expect(await codeOf(engine.transcribe(first, never))).toBe('done');
    });

    test('before the request refuses it', async () => {
      const engine = await create(1);
      expect(await codeOf(engine.transcribe(first, AbortSignal.abort()))).toBe('cancelled');
    });

    test('after the result changes nothing', async () => {
      const engine = await create(1);
      const controller = new AbortController();
      await engine.transcribe(first, controller.signal);
      controller.abort();
      expect(await codeOf(engine.transcribe(first, never))).toBe('done');
    });

    test('at any moment leaves a window done or cancelled, and every slot usable', async () => {
      const engine = await create(slots);
      const moments = fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 2, maxLength: 2 });
      await fc.assert(
        fc.asyncProperty(moments, async (afterMs) => {
          const outcomes = afterMs.map((ms) => {
            const controller = new AbortController();
            setTimeout(() => controller.abort(), ms);
            return codeOf(engine.transcribe(first, controller.signal));
          });
          for (const outcome of await Promise.all(outcomes)) {
            expect(['done', 'cancelled']).toContain(outcome);
          }
        }),
        { numRuns: 12 },
      );
      const after = [engine.transcribe(first, never), engine.transcribe(second, never)];
      expect(await Promise.all(after.map(codeOf))).toEqual(['done', 'done']);
    });
  });

  describe('unusable values', () => {
    const unusable: [string, Partial<AudioWindow> | { options: Partial<DecodeOptions> }][] = [
      ['no audio', { pcm: new Int16Array() }],
      ['more than 30 s', { pcm: new Int16Array(480_001) }],
      ['floats', { pcm: new Float32Array(16_000) as unknown as Int16Array }],
      ['no language', { options: { language: '' } }],
      ['a context beyond the model', { options: { audioContext: 1_501 } }],
      ['a negative context', { options: { audioContext: -1 } }],
      ['a tail of a cut context', { options: { tail: { dense: 16, stride: 32 } } }],
      ['a negative tail', { options: { audioContext: 0, tail: { dense: -1, stride: 32 } } }],
      ['a tail without a stride', { options: { audioContext: 0, tail: { dense: 16, stride: 0 } } }],
      ['half a beam', { options: { beamSize: 0.5 } }],
      ['no beam', { options: { beamSize: 0 } }],
      ['no temperature', { options: { temperature: Number.NaN } }],
      ['too many tokens', { options: { maxTokens: 1_000_000 } }],
    ];
    test.each(unusable)('%s: invalid_argument, and the engine goes on', async (_, given) => {
      const engine = await create(1);
      const window = { ...first, ...given, options: { ...first.options, ...given.options } };
      expect(await codeOf(engine.transcribe(window, never))).toBe('invalid_argument');
      expect(await codeOf(engine.transcribe(first, never))).toBe('done');
    });
  });

  describe('closing', () => {
    test('rejects what runs and what comes, and may be repeated', async () => {
      const engine = await create(slots);
      const running = [long, first].map((window) => codeOf(engine.transcribe(window, never)));
      await Promise.all([engine.close(), engine.close()]);
      expect(await Promise.all(running)).toEqual(['engine_unavailable', 'engine_unavailable']);
      expect(await codeOf(engine.transcribe(first, never))).toBe('engine_unavailable');
      expect(engine.ready).toBe(false);
      await engine.close();
    });
  });
}
