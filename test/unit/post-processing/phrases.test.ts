import { describe, expect, test } from 'vitest';
import { charactersOf, wordsOf } from '../transcript/words-of.js';
import { processed, textAfter } from './set-up.js';

const gateway = { replacements: [{ from: 'whisper gate way', to: 'Whisper Gateway' }] };

describe('replacements', () => {
  test.each([
    ['a whisper gate way runs', 'a Whisper Gateway runs'],
    ['a WHISPER Gate way, it runs', 'a Whisper Gateway, it runs'],
    ['("whisper gate way")', '("Whisper Gateway")'],
    ['whisper gate way.', 'Whisper Gateway.'],
    ['whisper gate ways', 'whisper gate ways'],
    ['a whisper. Gate way', 'a whisper. Gate way'],
    ['whisper whisper gate way', 'whisper Whisper Gateway'],
    ['whisper gate', 'whisper gate'],
  ])('%s → %s', (heard, shown) => {
    expect(textAfter(wordsOf(heard), gateway)).toBe(shown);
  });

  test('the longest phrase counts, and the first rule of two for the same one', () => {
    const replacements = [
      { from: 'new york', to: 'NY' },
      { from: ['new york times', 'times of new york'], to: 'NYT' },
      { from: 'New York', to: 'never' },
    ];
    expect(textAfter(wordsOf('new york and new york times'), { replacements })).toBe('NY and NYT');
  });

  test('what a rule wrote is not looked at again', () => {
    const replacements = [
      { from: 'a', to: 'b' },
      { from: 'b', to: 'a' },
    ];
    expect(textAfter(wordsOf('a b'), { replacements })).toBe('b a');
  });

  test('signs inside of a phrase count, and apostrophes are all the same', () => {
    const replacements = [
      { from: 'dr. smith', to: 'Dr Smith' },
      { from: "don't", to: 'do not' },
    ];
    const heard = 'I don’t see Dr. Smith, doctor. Smith';
    expect(textAfter(wordsOf(heard), { replacements })).toBe(
      'I do not see Dr Smith, doctor. Smith',
    );
  });

  test('a full stop is not written twice', () => {
    const replacements = [{ from: 'acme', to: 'Acme Inc.' }];
    expect(textAfter(wordsOf('at acme. At acme, too'), { replacements })).toBe(
      'at Acme Inc. At Acme Inc., too',
    );
  });

  test('what a sign of a pattern means elsewhere means nothing here', () => {
    const replacements = [{ from: '.*', to: 'everything' }];
    expect(textAfter(wordsOf('as it was'), { replacements })).toBe('as it was');
    expect(textAfter(wordsOf('a $1 b'), { replacements: [{ from: 'b', to: '$&' }] })).toBe(
      'a $1 $&',
    );
  });

  test('words take the time, the sureness and the space of those they stand for', () => {
    const heard = wordsOf('one whisper gate way two').map((word, index) => ({
      ...word,
      probability: index / 10,
    }));
    const [one, first, second, two] = processed(heard, gateway);
    expect([one, two]).toEqual([heard[0], heard[4]]);
    expect(first).toMatchObject({ word: 'Whisper', startMs: heard[1]?.startMs });
    expect(second).toMatchObject({ word: 'Gateway', endMs: heard[3]?.endMs, spaceBefore: true });
    expect(second?.startMs).toBe(first?.endMs);
    expect(first?.probability).toBeCloseTo(0.2);
  });
});

describe('words that are left out', () => {
  const fillers = { replacements: [{ from: ['um', 'uh'], to: '', language: 'en' }] };

  test.each([
    ['Um, I see', 'I see'],
    ['I, um, see', 'I, see'],
    ['I saw him um. Then', 'I saw him. Then'],
    ['I saw him, um. Then', 'I saw him, Then'],
    ['um uh', ''],
    ['the umbrella', 'the umbrella'],
  ])('%s → %s', (heard, shown) => {
    expect(textAfter(wordsOf(heard), fillers)).toBe(shown);
  });

  test('only in their language', () => {
    expect(textAfter(wordsOf('um sieben'), fillers, 'de')).toBe('um sieben');
  });
});

describe('masks', () => {
  const words = ['damn', 'bloody hell'];

  test.each([
    ['letters', 'Oh, D***! B***** h***.'],
    ['blank', 'Oh, [__]! [__].'],
    ['removed', 'Oh,'],
  ] as const)('%s', (style, shown) => {
    expect(textAfter(wordsOf('Oh, Damn! Bloody hell.'), { mask: { words, style } })).toBe(shown);
  });

  test('a replacement of the same word comes first', () => {
    const rules = {
      replacements: [{ from: 'damn', to: 'darn' }],
      mask: { words, style: 'letters' as const },
    };
    expect(textAfter(wordsOf('damn'), rules)).toBe('darn');
  });
});

describe('text without spaces', () => {
  const replacements = [
    { from: '微信', to: 'WeChat' },
    { from: '网关 服务', to: '网关服务器' },
  ];

  test('a phrase begins and ends at any character, however the words are cut', () => {
    const merged = charactersOf('我们用微信吧').reduce(
      (words, word) => [{ ...word, word: (words[0]?.word ?? '') + word.word }],
      charactersOf('我').slice(1),
    );
    expect(textAfter(charactersOf('我们用微信吧'), { replacements })).toBe('我们用WeChat吧');
    expect(textAfter(merged, { replacements })).toBe('我们用WeChat吧');
    expect(textAfter(charactersOf('这个网关服务'), { replacements })).toBe('这个网关服务器');
  });

  test('a word in which nothing is found stays one word', () => {
    const words = charactersOf('微').map((word) => ({ ...word, word: '微博。' }));
    expect(processed(words, { replacements })).toEqual(words);
  });

  test('Japanese and Thai, and names among them', () => {
    const rules = {
      replacements: [
        { from: 'サーバー', to: 'server' },
        { from: 'ครับ', to: '' },
        { from: 'GPT模型', to: 'GPT-模型' },
      ],
    };
    expect(textAfter(charactersOf('このサーバーは'), rules)).toBe('このserverは');
    const [thai] = charactersOf('ก');
    expect(textAfter([{ ...(thai ?? expect.fail()), word: 'ดีครับผม' }], rules)).toBe('ดีผม');
    expect(textAfter([{ ...(thai ?? expect.fail()), word: '用GPT模型' }], rules)).toBe(
      '用GPT-模型',
    );
  });

  test('masks keep the first character', () => {
    const mask = { words: ['坏蛋'], style: 'letters' as const };
    expect(textAfter(charactersOf('你这坏蛋'), { mask })).toBe('你这坏*');
  });
});
