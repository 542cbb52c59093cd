import { expect, test } from 'vitest';
import { partialEvent } from '../../../src/session/caption-events.js';

const window = { utterance: 3, start: 16_000, end: 48_000, pcm: new Int16Array(32_000) };

function shown(tentative: string, last: { word: string; startMs: number; probability: number }) {
  const word = { ...last, endMs: 3_000, spaceBefore: true };
  const decoded = {
    words: [word],
    startMs: 1_000,
    language: 'en',
    rung: 'cut',
    suspicion: null,
    logprob: -0.2,
  };
  const event = partialEvent(window, { committed: 'And so', tentative }, decoded);
  return event.type === 'partial' ? event.tentative : null;
}

test('a word at the very end that the model is unsure of is not shown', () => {
  expect(shown(' my fella', { word: 'fella', startMs: 2_900, probability: 0.4 })).toBe(' my');
});

test('a sure word, an earlier word and a committed word are shown', () => {
  expect(shown(' my fellow', { word: 'fellow', startMs: 2_900, probability: 0.9 })).toBe(
    ' my fellow',
  );
  expect(shown(' my fella', { word: 'fella', startMs: 2_000, probability: 0.4 })).toBe(' my fella');
  expect(shown('', { word: 'so', startMs: 2_900, probability: 0.4 })).toBe('');
});

test('the event stands at its place on the clock of the session', () => {
  const decoded = {
    words: [],
    startMs: 1_000,
    language: 'en',
    rung: 'cut',
    suspicion: null,
    logprob: -0.2,
  };
  expect(partialEvent(window, { committed: '', tentative: '' }, decoded)).toMatchObject({
    utterance_id: 'u3',
    start_ms: 1_000,
    end_ms: 3_000,
    rung: 'cut',
  });
});
