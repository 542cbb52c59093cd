import { expect, test } from 'vitest';
import { finalEvent, partialEvent, shownWords } from '../../../src/session/caption-events.js';
import { joinWords } from '../../../src/transcript/index.js';
import { wordsOf } from '../transcript/words-of.js';

const window = { utterance: 3, start: 16_000, end: 48_000, pcm: new Int16Array(32_000) };

/** @param last Of the words, the last one. @param committed How many of them stand. */
function shown(text: string, last: { startMs: number; probability: number }, committed = 2) {
  const words = wordsOf(text, 1_000);
  words.push({ ...(words.pop() ?? (() => expect.fail())()), ...last, endMs: 3_000 });
  return joinWords(shownWords({ words, committedWords: words.slice(0, committed) }, window));
}

test('a word at the very end that the model is unsure of is not shown', () => {
  expect(shown('And so my fella', { startMs: 2_900, probability: 0.4 })).toBe('And so my');
});

test('a sure word, an earlier word and a committed word are shown', () => {
  const text = 'And so my fellow';
  expect(shown(text, { startMs: 2_900, probability: 0.9 })).toBe(text);
  expect(shown(text, { startMs: 2_000, probability: 0.4 })).toBe(text);
  expect(shown(text, { startMs: 2_900, probability: 0.4 }, 4)).toBe(text);
});

test('the event stands at its place on the clock of the session', () => {
  expect(partialEvent(window, { committed: '', tentative: '' }, 'cut')).toMatchObject({
    utterance_id: 'u3',
    start_ms: 1_000,
    end_ms: 3_000,
    rung: 'cut',
  });
});

test('words of a final are in order and inside of the utterance, whatever the times they came with', () => {
  const times = [
    [900, 1_400],
    [1_300, 1_200],
    [1_250, 2_000],
    [2_900, 3_100],
    [3_200, 3_300],
  ];
  const words = times.map(([startMs = 0, endMs = 0]) => ({
    word: 'no',
    startMs,
    endMs,
    probability: 0.5,
    spaceBefore: true,
  }));
  const final = { text: 'no no no no no', words, confidence: 0.5, revised: [] };
  const event = finalEvent(window, final, 'en', 'tail', {
    wordTimestamps: true,
    stableFinals: true,
  });
  const told = event.type === 'final' ? event.words : undefined;
  expect(told?.map((word) => [word.start_ms, word.end_ms])).toEqual([
    [1_000, 1_400],
    [1_400, 1_400],
    [1_400, 2_000],
    [2_900, 3_000],
    [3_000, 3_000],
  ]);
});
