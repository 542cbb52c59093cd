import fc from 'fast-check';
import { expect, test } from 'vitest';
import { joinWords, stitchWords, type TimedWord } from '../../../src/transcript/index.js';

/** `one@1000 two@1300`: words that last 200 ms each. */
function words(text: string): TimedWord[] {
  return text
    .split(' ')
    .filter(Boolean)
    .map((each) => {
      const [word, start] = each.split('@') as [string, string];
      const startMs = Number(start);
      return { word, startMs, endMs: startMs + 200, probability: 0.9, spaceBefore: true };
    });
}

const overlap = { startMs: 24_000, endMs: 28_000 };

function stitch(before: string, after: string): [string, string] {
  const stitched = stitchWords(words(before), words(after), overlap);
  return [joinWords(stitched.before), joinWords(stitched.after)];
}

test('the seam lies behind a word that both heard, near the middle', () => {
  expect(
    stitch(
      'said@22000 the@24200 quick@25000 brown@25500 fox@26000 jum@27700',
      'we@24000 quick@25100 brown@25600 fox@26100 jumps@27700 over@28500',
    ),
  ).toEqual(['said the quick brown', 'fox jumps over']);
});

test('a word that only one window understood is not lost, on either side of the seam', () => {
  expect(
    stitch(
      'a@24300 b@24800 c@25300 d@25800 e@26300',
      'b@24800 c@25300 d@25800 x@26300 f@26800 g@27300',
    ),
  ).toEqual(['a b c', 'd x f g']);
});

test('a word that is said again and again is matched in its place', () => {
  const long = 'no@24100 no@24900 no@25700 no@26500 no@27300';
  const [before, after] = stitch(`oh@23000 ${long}`, `${long} yes@28100`);
  expect(`${before} ${after}`).toBe('oh no no no no no yes');
});

test('what the later window skipped is filled with what the earlier one heard', () => {
  expect(
    stitch(
      'art@23000 of@23300 printing@24100 a@25400 mob@25600 without@26000 any@27000 man@27800',
      'printing@24000 I@29500 really@30000',
    ),
  ).toEqual(['art of printing a mob without any', 'I really']);
});

test('punctuation and capitals are no difference', () => {
  expect(stitch('it@24500 ends.@25900 But@26100', 'Ends@25900 but@26200 not@26500')).toEqual([
    'it ends.',
    'but not',
  ]);
});

test('where the two agree on nothing, time decides; what only one heard stays', () => {
  expect(stitch('p@24500 q@25500 r@27000', 's@24600 t@25300 u@26800')).toEqual(['p q', 'u']);
  expect(stitch('p@24500 q@27500', '')).toEqual(['p q', '']);
  expect(stitch('', 's@24600 t@25300')).toEqual(['', 's t']);
  expect(stitch('early@3000', 's@24600')).toEqual(['early', 's']);
});

test('whatever the words and however rough their times: none is lost, none is said twice', () => {
  const spoken = fc.array(
    fc.record({
      word: fc.constantFrom('a', 'b', 'c', 'd'),
      length: fc.integer({ min: 150, max: 900 }),
    }),
    { minLength: 60, maxLength: 90 },
  );
  fc.assert(
    fc.property(spoken, fc.infiniteStream(fc.integer({ min: -150, max: 150 })), (said, shift) => {
      let at = 10_000;
      const all = said.map(({ word, length }, index) => {
        const startMs = at;
        at += length;
        // Numbered, so that every word is one of its kind.
        return { word: `${word}${index}`, startMs, endMs: at, probability: 0.9, spaceBefore: true };
      });
      const heard = (part: TimedWord[]) =>
        part.map((word) => {
          const by = shift.next().value as number;
          return { ...word, startMs: word.startMs + by, endMs: word.endMs + by };
        });
      // The words at the edges are cut off, and misheard.
      const left = heard(all.filter(({ endMs }) => endMs <= overlap.endMs));
      const right = heard(all.filter(({ startMs }) => startMs >= overlap.startMs));
      const cutOff = (word: string, startMs: number) => words(`${word}@${startMs}`);
      const stitched = stitchWords(
        [...left, ...cutOff('l', overlap.endMs - 100)],
        [...cutOff('r', overlap.startMs), ...right],
        overlap,
      );
      expect([...stitched.before, ...stitched.after].map(({ word }) => word)).toEqual(
        all.map(({ word }) => word),
      );
    }),
  );
});
