import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

interface Token {
  bytes: Uint8Array;
  startMs: number;
  endMs: number;
  probability: number;
}

const endMs = 10_000;
const folder = mkdtempSync(join(tmpdir(), 'group-words-'));
const program = join(folder, 'group-words');

beforeAll(() => {
  const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
  const sources = ['programs/group-words.cc', '../../native/words.cc', '../../native/utf8.cc'];
  const flags = ['-std=c++17', '-O1', '-D_GLIBCXX_ASSERTIONS', '-fsanitize=undefined'];
  const trap = '-fsanitize-undefined-trap-on-error';
  execFileSync('c++', [...flags, trap, ...sources.map(here), '-o', program]);
});

afterAll(() => rmSync(folder, { recursive: true }));

function groupWords(tokens: Token[]) {
  const lines = tokens.map(
    ({ bytes, startMs, endMs, probability }) =>
      `${startMs} ${endMs} ${probability} ${Buffer.from(bytes).toString('hex')}`,
  );
  const output = execFileSync(program, { input: [endMs, ...lines].join('\n') }).toString();
  return output
    .split('\n')
    .slice(0, -1)
    .map((line) => {
      const [start, end, probability, hex = ''] = line.split(' ');
      const text = new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(hex, 'hex'));
      return { text, startMs: Number(start), endMs: Number(end), probability: Number(probability) };
    });
}

/** Tokens of these texts, a second each, with probabilities 0.1, 0.2, … */
function tokensOf(...texts: (string | Uint8Array)[]): Token[] {
  return texts.map((text, i) => ({
    bytes: typeof text === 'string' ? Buffer.from(text) : text,
    startMs: i * 1000,
    endMs: (i + 1) * 1000,
    probability: (i + 1) / 10,
  }));
}

function wordsOf(...texts: (string | Uint8Array)[]): string[] {
  return groupWords(tokensOf(...texts)).map((word) => word.text);
}

describe('a word', () => {
  test.each<[string, string[], string[]]>([
    ['starts at a space', [' hello', ' world'], [' hello', ' world']],
    ['takes further tokens', [' un', 'believ', 'able'], [' unbelievable']],
    ['takes the punctuation after it', [' Yes', ',', ' no', '.', '..'], [' Yes,', ' no...']],
    ['takes opening punctuation', [' he', ' said', ' "', 'go', '"'], [' he', ' said', ' "go"']],
    ['keeps its apostrophe', [' don', "'", 't'], [" don't"]],
    [
      'keeps decimals and hyphens',
      [' 3', '.', '5', ' well', '-', 'known'],
      [' 3.5', ' well-known'],
    ],
    ['may be several in a token', [' of the'], [' of', ' the']],
    ['may come without a space first', ['And', ' so'], ['And', ' so']],
    ['is a character of Chinese', ['你好', '吗', '？'], ['你', '好', '吗？']],
    ['follows Chinese punctuation', ['好', '。', '「', '再', '见', '」'], ['好。', '「再', '见」']],
    [
      'may be Latin inside Chinese',
      ['用', 'i', 'Phone', '打', '。', 'OK'],
      ['用', 'iPhone', '打。', 'OK'],
    ],
    ['keeps its Thai marks', ['ที่', 'นี่'], ['ที่', 'นี่']],
    ['keeps a long Japanese vowel', ['コーヒー'], ['コー', 'ヒー']],
    ['has spaces in Korean', [' 안녕', '하세요', ' 네'], [' 안녕하세요', ' 네']],
  ])('%s', (_, texts, expected) => {
    expect(wordsOf(...texts)).toEqual(expected);
  });

  test('is nothing at all for no tokens, or a lonely space', () => {
    expect(wordsOf()).toEqual([]);
    expect(wordsOf(' hi', ' ')).toEqual([' hi']);
  });
});

describe('a character split between tokens', () => {
  const bytes = Buffer.from('語');

  test('is put together', () => {
    expect(wordsOf(' a', bytes.subarray(0, 1), bytes.subarray(1, 2), bytes.subarray(2))).toEqual([
      ' a',
      '語',
    ]);
    const emoji = Buffer.from(' 🎉');
    expect(wordsOf(emoji.subarray(0, 2), emoji.subarray(2, 4), emoji.subarray(4))).toEqual([' 🎉']);
  });

  test('is replaced where the rest never comes', () => {
    expect(wordsOf(' a', bytes.subarray(0, 2))).toEqual([' a\ufffd']);
    expect(wordsOf(bytes.subarray(0, 2), ' b')).toEqual(['\ufffd', ' b']);
    expect(wordsOf(Uint8Array.of(0xff, 0xc0, 0x41))).toEqual(['\ufffd\ufffdA']);
  });
});

test("a word's probability is the mean of its tokens, its time theirs", () => {
  expect(groupWords(tokensOf(' a', 'b', ' c'))).toEqual([
    { text: ' ab', startMs: 0, endMs: 2000, probability: 0.15 },
    { text: ' c', startMs: 2000, endMs: 3000, probability: 0.3 },
  ]);
  expect(groupWords(tokensOf('你好'))).toEqual([
    { text: '你', startMs: 0, endMs: 500, probability: 0.1 },
    { text: '好', startMs: 500, endMs: 1000, probability: 0.1 },
  ]);
});

test('a word that was given no time lasts until the next one', () => {
  const tokens = tokensOf(' a', ' b').map((token) => ({ ...token, endMs: token.startMs }));
  expect(groupWords(tokens)).toEqual([
    { text: ' a', startMs: 0, endMs: 1000, probability: 0.1 },
    { text: ' b', startMs: 1000, endMs: 1000, probability: 0.2 },
  ]);
});

test('any tokens give valid text in order, with times that never run backwards', () => {
  const pieces = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 4 }).map((text) => Buffer.from(text)),
    fc.uint8Array({ maxLength: 4 }),
    fc.constantFrom(' ', '。', '「', ' a', '你', 'ー', '\u0300').map((text) => Buffer.from(text)),
  );
  const token = fc.record({
    bytes: pieces,
    startMs: fc.integer({ min: -100, max: endMs + 100 }),
    endMs: fc.integer({ min: -100, max: endMs + 100 }),
    probability: fc.constantFrom(0, 0.5, 1),
  });
  fc.assert(
    fc.property(fc.array(token, { maxLength: 12 }), (tokens) => {
      const words = groupWords(tokens);
      const whole = Buffer.concat(tokens.map(({ bytes }) => bytes)).toString();
      const text = words.map((word) => word.text).join('');
      expect(text.trimEnd()).toBe(whole.trimEnd());
      let previous = 0;
      for (const word of words) {
        expect(word.startMs).toBeGreaterThanOrEqual(previous);
        expect(word.endMs).toBeGreaterThanOrEqual(word.startMs);
        expect(word.endMs).toBeLessThanOrEqual(endMs);
        expect(word.probability).toBeGreaterThanOrEqual(0);
        expect(word.probability).toBeLessThanOrEqual(1);
        previous = word.endMs;
      }
    }),
    { numRuns: 300 },
  );
});
