import { expect, test } from 'vitest';
import { type Heard, Voice } from '../../../../clients/overlay/src/voice.js';

test('a final that comes after words of the next utterance repeats nothing', () => {
  const voice = new Voice('a');
  const said = listen(voice);
  said('a', 'And so', ' my');
  said('b', 'Ask', ' not');
  expect(said('a', 'And so my fellow', '', true)).toBe(true);
  expect(voice.tentative).toBe(' not');
  said('b', 'Ask not', ' what');
  expect(said('a', 'And so my fellow', '', true)).toBe(false);
  expect(waiting(voice)).toBe('And so Ask my fellow not');
});

test('utterances whose end was missed are forgotten in the end', () => {
  const voice = new Voice('a');
  const said = listen(voice);
  for (let i = 0; i < 100; i++) said(`u${i}`, `word${i}`);
  expect(said('u99', 'word99')).toBe(false);
  expect(said('u0', 'word0')).toBe(true);
});

function listen(voice: Voice) {
  let order = 0;
  return (utterance: string, committed: string, tentative = '', final = false) => {
    const heard: Heard = {
      ...{ voice: 'a', speaker: null, language: 'en' },
      ...{ utterance, committed, tentative, final },
    };
    return voice.hear(heard, () => order++);
  };
}

function waiting(voice: Voice): string {
  return voice.waiting.map(({ unit }) => unit.text).join(' ');
}
