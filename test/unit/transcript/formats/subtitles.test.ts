import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clockTime } from '../../../../src/transcript/formats/clock-time.js';
import { type Cue, toCues } from '../../../../src/transcript/formats/cues.js';
import { textWidth } from '../../../../src/transcript/formats/text-width.js';
import { formatTranscript, toSegments } from '../../../../src/transcript/index.js';
import { transcriptOf, wordsOf } from './transcript-of.js';

const options = { words: false };

function cuesOf(text: string): Cue[] {
  return toCues(transcriptOf(wordsOf(text)).segments);
}

describe('times', () => {
  test.each([
    [0, '00:00:00.000'],
    [999.6, '00:00:01.000'],
    [59_999, '00:00:59.999'],
    [3_599_999.7, '01:00:00.000'],
    [3_723_004, '01:02:03.004'],
    [100 * 3_600_000 - 1, '99:59:59.999'],
    [123 * 3_600_000 + 45_000, '123:00:45.000'],
    [-5, '00:00:00.000'],
  ])('%d ms are %s', (ms, written) => {
    expect(clockTime(ms, '.')).toBe(written);
    expect(clockTime(ms, ',')).toBe(written.replace('.', ','));
  });
});

describe('cues', () => {
  test('a short sentence is one line', () => {
    expect(cuesOf('Ask what you can do for your country.')).toMatchObject([
      { lines: ['Ask what you can do for your country.'] },
    ]);
  });

  test('two lines are broken behind a clause, or evenly, and not behind a short word', () => {
    expect(cuesOf('When he came home at night, the house was dark and empty.')).toMatchObject([
      { lines: ['When he came home at night,', 'the house was dark and empty.'] },
    ]);
    expect(cuesOf('The letters used in printing should be of a fine form.')).toMatchObject([
      { lines: ['The letters used in printing', 'should be of a fine form.'] },
    ]);
  });

  test('a long sentence takes several cues, cut where people breathe', () => {
    const lines = cuesOf(
      'And so, my fellow Americans, ask not what your country can do for you, ask what you can do for your country.',
    ).map((cue) => cue.lines.join(' / '));
    expect(lines).toEqual([
      'And so, my fellow Americans, / ask not what your country can do for you,',
      'ask what you can do for your country.',
    ]);
  });

  test('a Chinese line has 16 characters, a Japanese one 13', () => {
    const chinese = cuesOf('他在一份关于汽车电子发展的预测报告中还提到万科等大型房企已在布局');
    for (const line of chinese.flatMap(({ lines }) => lines)) {
      expect([...line].length).toBeLessThanOrEqual(16);
    }
    const japanese = cuesOf(
      'これはとてもながいにほんごのぶんしょうですからふたつのぎょうになります',
    );
    for (const line of japanese.flatMap(({ lines }) => lines)) {
      expect([...line].length).toBeLessThanOrEqual(13);
    }
  });

  test('a cue stays long enough to be read, but never into the next one', () => {
    const first = wordsOf('Yes.', 0, 100);
    const alone = toCues(transcriptOf(first).segments);
    expect(alone).toMatchObject([{ startMs: 0, endMs: 833 }]);
    const both = toCues(transcriptOf([...first, ...wordsOf('No.', 500, 100)]).segments);
    expect(both).toMatchObject([{ endMs: 500 }, { startMs: 500, endMs: 1_333 }]);
  });

  test('a word whose time is far too long is shown for 7 seconds', () => {
    expect(toCues(transcriptOf(wordsOf('Hmm.', 0, 25_000)).segments)).toMatchObject([
      { startMs: 0, endMs: 7_000 },
    ]);
  });
});

describe('SRT and WebVTT', () => {
  const transcript = transcriptOf(wordsOf('R&D says 1 < 2 --> <b>true</b>.', 3_600_000));

  test('are as their formats have it', () => {
    expect(formatTranscript(transcript, 'srt', options)).toBe(
      '1\n01:00:00,000 --> 01:00:02,100\nR&D says 1 < 2 → <b>true</b>.\n\n',
    );
    expect(formatTranscript(transcript, 'vtt', options)).toBe(
      'WEBVTT\n\n01:00:00.000 --> 01:00:02.100\nR&amp;D says 1 &lt; 2 --&gt; &lt;b&gt;true&lt;/b&gt;.\n',
    );
  });

  test('of nothing are valid', () => {
    const nothing = transcriptOf([]);
    expect(formatTranscript(nothing, 'srt', options)).toBe('');
    expect(formatTranscript(nothing, 'vtt', options)).toBe('WEBVTT\n');
  });

  test('name the channel', () => {
    const second = transcriptOf(wordsOf('Hello.'), 1);
    expect(formatTranscript(second, 'srt', options)).toContain('\n[Channel 2] Hello.\n');
    expect(formatTranscript(second, 'vtt', options)).toContain('\n<v Channel 2>Hello.</v>\n');
  });
});

/** Anything a model might write, and some things that it should not. */
const anyWord = fc.oneof(
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }),
  fc.constantFrom(
    'a',
    'the',
    'word,',
    'end.',
    '-->',
    '&amp;',
    '<i>',
    '00:00:01,000',
    '\n\n1\n',
    '汉',
    '字。',
    '7',
  ),
);
const anyWords = fc.array(
  fc.record({
    word: anyWord,
    gap: fc.oneof(fc.constant(0), fc.integer({ min: -200, max: 4_000 })),
    length: fc.oneof(fc.integer({ min: 0, max: 900 }), fc.constant(9_000)),
    spaceBefore: fc.boolean(),
  }),
  { maxLength: 60 },
);

/** Words one after the other; a negative gap is an overlap of two windows' rough times. */
function timed(given: { word: string; gap: number; length: number; spaceBefore: boolean }[]) {
  let at = 0;
  return given.map(({ word, gap, length, spaceBefore }) => {
    const startMs = Math.max(at, at + gap);
    at = startMs + length;
    return { word, startMs, endMs: at, probability: 0.5, spaceBefore };
  });
}

interface Parsed {
  readonly startMs: number;
  readonly endMs: number;
  readonly text: string;
}

/** Reads a subtitle file as the formats say: blocks, parted by empty lines. */
function parse(file: string, separator: ',' | '.'): Parsed[] {
  const time = `(\\d{2,}):([0-5]\\d):([0-5]\\d)\\${separator}(\\d{3})`;
  const line = new RegExp(`^${time} --> ${time}$`);
  const blocks = file.split('\n\n').map((block) => block.split('\n').filter((each) => each !== ''));
  return blocks
    .filter((block) => block.length > 0 && block[0] !== 'WEBVTT')
    .map((block, index) => {
      if (separator === ',') expect(block.shift()).toBe(String(index + 1));
      const match = line.exec(block.shift() as string);
      expect(match, file).not.toBeNull();
      const [from = 0, to = 0] = [1, 5].map((first) => {
        const [hours = 0, minutes = 0, seconds = 0, ms = 0] = (match ?? [])
          .slice(first, first + 4)
          .map(Number);
        return ((hours * 60 + minutes) * 60 + seconds) * 1_000 + ms;
      });
      const unescaped = (text: string) =>
        separator === ','
          ? text
          : text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
      expect(block.length).toBeLessThanOrEqual(2);
      if (separator === '.') expect(block.join('')).not.toMatch(/[<>]/);
      return {
        startMs: from,
        endMs: to,
        text: unescaped(block.join('')),
      };
    });
}

const bare = (text: string) => text.replaceAll('-->', '→').replace(/[\s\p{Cc}\u2028\u2029]+/gu, '');

describe('whatever is said', () => {
  test('a parser finds all of the text again, in order, at times that make sense', () => {
    fc.assert(
      fc.property(anyWords, (given) => {
        const words = timed(given);
        const transcript = transcriptOf(words);
        const spoken = bare(words.map(({ word }) => word).join(''));
        for (const [format, separator] of [
          ['srt', ','],
          ['vtt', '.'],
        ] as const) {
          const parsed = parse(formatTranscript(transcript, format, options), separator);
          // Where two words meet, they may make an arrow that neither holds.
          expect(bare(parsed.map(({ text }) => text).join(' ')).replaceAll('→', '')).toBe(
            spoken.replaceAll('-->', '').replaceAll('→', ''),
          );
          for (const [index, { startMs, endMs }] of parsed.entries()) {
            expect(endMs).toBeGreaterThan(startMs);
            expect(endMs - startMs).toBeLessThanOrEqual(7_000);
            const next = parsed[index + 1];
            if (next && next.startMs > startMs) expect(next.startMs).toBeGreaterThanOrEqual(endMs);
          }
        }
      }),
    );
  });

  test('no line is wider than a line may be, unless one word is', () => {
    fc.assert(
      fc.property(anyWords, (given) => {
        for (const cue of toCues(
          toSegments([{ words: timed(given), language: 'en', noSpeechProbability: 0 }]),
        )) {
          expect(cue.lines.length).toBeLessThanOrEqual(2);
          const widest = Math.max(...given.map(({ word }) => textWidth(word)));
          expect(Math.max(...cue.lines.map(textWidth))).toBeLessThanOrEqual(Math.max(42, widest));
        }
      }),
    );
  });
});
