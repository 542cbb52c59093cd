import { expect, test } from 'vitest';
import type { AudioWindow, Hypothesis, Lane } from '../../../src/engine/index.js';
import { spokenThrough } from '../../../src/engine/index.js';
import { GatewayError } from '../../../src/errors/index.js';
import { cachedSubmit, createHypothesisCache, type Work } from '../../../src/scheduler/index.js';
import { audioWindow } from '../../support/audio-window.js';

/** A submit whose every answer is another one, behind a cache. */
function setUp({ maxEntries = 10, maxBytes = 1_000_000 } = {}) {
  const asked: AudioWindow[] = [];
  const lookups: string[] = [];
  const model = { name: 'base' };
  const cache = createHypothesisCache({ maxEntries, maxBytes });
  const answer = async ({ window }: Work): Promise<Hypothesis> =>
    spokenThrough(window, `answer ${asked.push(window)}`);
  const submit = cachedSubmit(answer, {
    cache,
    model: () => model.name,
    onLookup: (result) => lookups.push(result),
  });
  const say = async (work: Work) => (await submit(work)).segments[0]?.text.trim();
  return { asked, lookups, model, cache, submit, say };
}

const noise = (seed: number) => Int16Array.from({ length: 16_000 }, (_, i) => (i * seed) % 3_000);
const work = (seed: number, lane: Lane = 'final'): Work => ({
  window: audioWindow({ lane, pcm: noise(seed) }),
});

test('what comes again is answered without the engine, in both lanes that are kept', async () => {
  const { say, asked, lookups, cache } = setUp();
  expect(await say(work(1))).toBe('answer 1');
  expect(await say(work(2))).toBe('answer 2');
  expect(await say(work(1))).toBe('answer 1');
  expect(await say(work(1, 'batch'))).toBe('answer 1');
  expect(asked).toHaveLength(2);
  expect(lookups).toEqual(['miss', 'miss', 'hit', 'hit']);
  expect(cache.entries).toBe(2);
});

test('part of a larger recording is told by its own samples', async () => {
  const { say } = setUp();
  const whole = noise(7);
  const part = (from: number): Work => ({
    window: audioWindow({ pcm: whole.subarray(from, from + 8_000) }),
  });
  expect(await say(part(0))).toBe('answer 1');
  expect(await say(part(8_000))).toBe('answer 2');
  expect(await say(part(8_000))).toBe('answer 2');
});

test('partials pass', async () => {
  const { say, lookups } = setUp();
  expect(await say(work(1, 'partial'))).toBe('answer 1');
  expect(await say(work(1, 'partial'))).toBe('answer 2');
  expect(lookups).toEqual([]);
});

test('another option, model or key is another question', async () => {
  const { say, model } = setUp();
  await say(work(1));
  expect(await say({ window: audioWindow({ pcm: noise(1), options: { beamSize: 5 } }) })).toBe(
    'answer 2',
  );
  expect(await say({ ...work(1), key: 'somebody else' })).toBe('answer 3');
  model.name = 'small';
  expect(await say(work(1))).toBe('answer 4');
});

test('the answer of a model that was changed meanwhile is not kept', async () => {
  const { submit, model, cache } = setUp();
  const answered = submit(work(1));
  model.name = 'small';
  await answered;
  expect(cache.entries).toBe(0);
});

test('a failure is not kept', async () => {
  let fails = true;
  const cache = createHypothesisCache({ maxEntries: 10, maxBytes: 1_000 });
  const submit = cachedSubmit(
    async ({ window }) => {
      if (fails) throw new GatewayError('engine_died');
      return spokenThrough(window, 'fine');
    },
    { cache, model: () => 'base' },
  );
  await expect(submit(work(1))).rejects.toMatchObject({ code: 'engine_died' });
  fails = false;
  expect((await submit(work(1))).segments[0]?.text).toContain('fine');
});

test('what was cancelled is refused, even where the answer is known', async () => {
  const { say, submit } = setUp();
  await say(work(1));
  const signal = AbortSignal.abort();
  await expect(submit({ ...work(1), signal })).rejects.toMatchObject({ code: 'cancelled' });
});

test('the least recently used goes first, by number and by bytes', async () => {
  const { say, cache } = setUp({ maxEntries: 2 });
  for (const seed of [1, 2, 1, 3]) await say(work(seed));
  expect(cache.entries).toBe(2);
  expect(await say(work(1))).toBe('answer 1');
  expect(await say(work(2))).toBe('answer 4');

  const one = cache.bytes / 2;
  const small = setUp({ maxBytes: one * 2.5 });
  for (const seed of [1, 2, 3]) await small.say(work(seed));
  expect(small.cache.entries).toBe(2);
  expect(small.cache.bytes).toBeLessThanOrEqual(one * 2.5);

  const tiny = setUp({ maxBytes: 10 });
  await tiny.say(work(1));
  expect([tiny.cache.entries, tiny.cache.bytes]).toEqual([0, 0]);
});
