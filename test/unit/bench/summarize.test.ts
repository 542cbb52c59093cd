import { describe, expect, it } from 'vitest';
import { measureStream } from '../../../bench/live/measure/measure-stream.mjs';
import { percentile } from '../../../bench/live/measure/statistics.mjs';
import { delayGrowth, isLive, summarize } from '../../../bench/live/measure/summarize.mjs';
import { display, spoken } from './scripted.js';

function stream(words: ReturnType<typeof spoken>) {
  const count = new Set(words.map(({ utterance }) => utterance)).size;
  const utterances = Array.from({ length: count }, (_, index) => ({
    name: `u${index}`,
    startMs: 0,
    endMs: 0,
  }));
  return { name: 's', language: 'en', pcm: new Int16Array(), utterances, words };
}

/** A stream whose words are committed with the given delays, one word a second. */
function withDelays(delaysMs: number[]) {
  const words = spoken(delaysMs.map((_, index) => `w${index}`).join(' '));
  const shown = (count: number) =>
    `C[${words
      .slice(0, count)
      .map(({ token }) => token)
      .join(' ')}]`;
  const displays = delaysMs.map((delay, index) =>
    display((index + 1) * 1000 + delay, shown(index + 1)),
  );
  return measureStream(stream(words), displays, null);
}

describe('measureStream', () => {
  const words = [...spoken('and so my'), ...spoken('ask not', { fromMs: 5000, utterance: 1 })];
  const displays = [
    display(1200, 'T[And]'),
    display(2600, 'C[And]T[ sow]'),
    display(3900, 'F[And so my. ]'),
    display(6100, 'F[And so my. ]T[Ask]'),
    display(8000, 'F[And so my. ]F[Asked not. ]'),
  ];

  it('takes delays from the end of each word', () => {
    const { delays } = measureStream(stream(words), displays, null);
    expect(delays).toEqual([
      { spokenMs: 1000, shownMs: 200, committedMs: 1600, finalMs: 2900 },
      { spokenMs: 2000, shownMs: 1900, committedMs: 1900, finalMs: 1900 },
      { spokenMs: 3000, shownMs: 900, committedMs: 900, finalMs: 900 },
      { spokenMs: 7000, shownMs: 1000, committedMs: 1000, finalMs: 1000 },
    ]);
  });

  it('takes first words from the start of speech, and finals from the end of the last word', () => {
    const { firstShownMs, lastFinalMs } = measureStream(stream(words), displays, null);
    // In the second utterance "ask" is wrong in the end: its first word shown is "not".
    expect(firstShownMs).toEqual([1200, 3000]);
    expect(lastFinalMs).toEqual([900, 1000]);
  });

  it('counts errors, also those of one-pass decoding and the difference from it', () => {
    const measures = measureStream(stream(words), displays, 'And so my asked knot');
    expect(measures.errors).toEqual({ edits: 1, words: 5 });
    expect(measures.offlineErrors).toEqual({ edits: 2, words: 5 });
    expect(measures.differences).toEqual({ edits: 1, words: 5 });
    expect(measures.heardWords).toBe(5);
  });

  it('words whose times are guessed count for errors, but not for delays', () => {
    const guessed = spoken('and so my', { timed: false });
    const measures = measureStream(stream(guessed), displays.slice(0, 3), null);
    expect(measures).toMatchObject({
      delays: [],
      firstShownMs: [],
      errors: { edits: 0, words: 3 },
    });
  });

  it('a stream that was never answered is all errors', () => {
    const measures = measureStream(stream(words), [], null);
    expect(measures).toMatchObject({ delays: [], errors: { edits: 5, words: 5 }, heardWords: 0 });
  });
});

describe('summarize', () => {
  it('pools the words of all streams', () => {
    const all = summarize([withDelays([1000, 1000, 1000]), withDelays([3000])]);
    expect(all.committedMs).toEqual({
      count: 4,
      p50: 1000,
      p95: expect.closeTo(2700),
      max: 3000,
    });
    expect(all).toMatchObject({ words: 4, recognisedWords: 4, errorRate: 0, neverCommitted: 0 });
    expect(all.finalMs).toEqual({ count: 0, p50: null, p95: null, max: null });
  });

  it('counts recognised words that were never committed', () => {
    const measures = measureStream(stream(spoken('a b')), [display(2000, 'C[a]T[ b]')], null);
    expect(summarize([measures])).toMatchObject({ neverCommitted: 1, recognisedWords: 2 });
  });

  it('retractions are per 100 words of the transcript', () => {
    const displays = [display(1000, 'T[x]'), display(2000, 'F[a b c d]')];
    const measures = measureStream(stream(spoken('a b c d')), displays, null);
    expect(summarize([measures]).retractedPer100Words).toBe(25);
  });
});

describe('a stream is live', () => {
  const steady = Array.from({ length: 30 }, () => 2000);

  it('with a short and steady delay', () => {
    expect(isLive([withDelays(steady)])).toBe(true);
  });

  it('not with a delay of five seconds or more at the 95th percentile', () => {
    expect(isLive([withDelays(steady.map(() => 5000))])).toBe(false);
    expect(isLive([withDelays([...steady.slice(3), 6000, 6000, 6000])])).toBe(false);
  });

  it('not with a delay that grows, in any of the streams', () => {
    const growing = withDelays(steady.map((_, index) => 500 + index * 100));
    expect(delayGrowth(growing)).toBe(2000);
    expect(isLive([withDelays(steady), growing])).toBe(false);
  });

  it('not where nothing was committed', () => {
    expect(isLive([measureStream(stream(spoken('a b')), [], null)])).toBe(false);
  });
});

describe('percentile', () => {
  it.each([
    [0, 1],
    [0.5, 3],
    [0.95, 4.8],
    [1, 5],
  ])('at %d', (share, value) => {
    expect(percentile([5, 3, 1, 4, 2], share)).toBeCloseTo(value);
  });

  it('of nothing is nothing', () => {
    expect(percentile([], 0.5)).toBeNull();
  });
});
