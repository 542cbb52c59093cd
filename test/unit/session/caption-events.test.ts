import { expect, test } from 'vitest';
import { partialEvent, shownWords } from '../../../src/session/caption-events.js';
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
