import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type LayoutOptions,
  LineLayout,
  maxWaitingLines,
  type Screen,
} from '../../../../clients/overlay/src/line-layout.js';
import { textWidth } from '../../../../clients/overlay/src/text-width.js';
import type { Heard } from '../../../../clients/overlay/src/voice.js';
import { CaptionContract } from '../../../support/caption-contract.js';

const options: LayoutOptions = {
  lines: 2,
  chars: 20,
  minMs: 1_000,
  clearMs: 5_000,
  names: false,
  tentative: true,
};
const frameMs = 16;

function heard(committed: string, tentative = '', fields: Partial<Heard> = {}): Heard {
  return {
    voice: 'a',
    speaker: null,
    language: 'en',
    utterance: 'u1',
    committed,
    tentative,
    final: false,
    ...fields,
  };
}

const final = (text: string, fields: Partial<Heard> = {}) =>
  heard(text, '', { final: true, ...fields });

/** What stands in each row, tentative words in brackets. */
function rows({ rows }: Screen): (string | null)[] {
  return rows.map((line) => {
    if (!line) return null;
    const { label, committed, tentative } = line;
    return label + committed.join('') + (tentative && `[${tentative}]`);
  });
}

describe('where words go', () => {
  test('a line is filled, then the next; words that may change come last', () => {
    const layout = new LineLayout(options);
    layout.hear(heard('And so', ' my'), 0);
    expect(rows(layout.advance(0))).toEqual(['And so[ my]', null]);
    layout.hear(heard('And so my fellow', ' Americans ask'), 100);
    expect(rows(layout.advance(100))).toEqual(['And so my fellow', '[Americans ask]']);
    layout.hear(heard('And so my fellow Americans', ', ask'), 200);
    expect(rows(layout.advance(200))).toEqual(['And so my fellow', 'Americans[, ask]']);
  });

  test('the next line takes the row of the oldest one, after its time', () => {
    const layout = new LineLayout(options);
    layout.hear(heard('one two three four five six seven'), 0);
    expect(rows(layout.advance(0))).toEqual(['one two three four', 'five six seven']);
    layout.hear(heard('one two three four five six seven eight nine'), 900);
    const waiting = layout.advance(900);
    expect(rows(waiting)).toEqual(['one two three four', 'five six seven']);
    expect(waiting.changesAtMs).toBe(1_000);
    const screen = layout.advance(1_000);
    expect(rows(screen)).toEqual(['eight nine', 'five six seven']);
    expect(screen.rows.map((line) => line?.past)).toEqual([false, true]);
  });

  test.each([
    // Before "and", though "and the" would fit.
    [
      24,
      'We went to the park and then we came home',
      ['We went to the park', 'and then we came home'],
    ],
    // Behind a sentence.
    [24, 'It was fine then. We all went home', ['It was fine then.', 'We all went home']],
    // No article is left behind.
    [24, 'she was reading about the elephants', ['she was reading', 'about the elephants']],
    [16, '今天天气很好，我们去公园散步吧。', ['今天天气很好，', '我们去公园散步']],
    [10, 'incomprehensibilities', ['incompreh', 'ensibilit']],
    [24, 'สวัสดีครับวันนี้อากาศดีมาก', null],
  ])('lines of %i: %s', (chars, text, expected) => {
    const layout = new LineLayout({ ...options, chars });
    layout.hear(final(text), 0);
    const shown = rows(layout.advance(0));
    if (expected) expect(shown).toEqual(expected);
    expect(text.startsWith(shown[0] ?? '-')).toBe(true);
  });

  test('punctuation that is known late stands behind its word, or nowhere', () => {
    const layout = new LineLayout({ ...options, chars: 10 });
    layout.hear(heard('ninechars'), 0);
    layout.advance(0);
    layout.hear(heard('ninechars,'), 100);
    expect(rows(layout.advance(100))).toEqual(['ninechars,', null]);
    layout.hear(heard('ninechars,”'), 200);
    expect(rows(layout.advance(200))).toEqual(['ninechars,', null]);
  });

  test('a short sentence shares a line with the next one', () => {
    const layout = new LineLayout(options);
    layout.hear(final('Yes.'), 0);
    layout.hear(heard('I think', ' so', { utterance: 'u2' }), 500);
    expect(rows(layout.advance(500))).toEqual(['Yes. I think[ so]', null]);
  });

  test('two who speak at once have a line each', () => {
    const layout = new LineLayout({ ...options, names: true });
    layout.hear(heard('I was', '', { speaker: 'Ann' }), 0);
    layout.hear(heard('No', '', { voice: 'b', speaker: 'Bo' }), 10);
    layout.hear(heard('I was going', '', { speaker: 'Ann' }), 20);
    layout.hear(heard('No no', '', { voice: 'b', speaker: 'Bo' }), 30);
    expect(rows(layout.advance(30))).toEqual(['Ann: I was going', 'Bo: No no']);
  });

  test('a name stands where somebody else begins, and takes half a line at most', () => {
    const layout = new LineLayout({ ...options, names: true, lines: 3 });
    layout.hear(final('Good morning to all', { speaker: 'Hubert Blaine' }), 0);
    layout.hear(final('Thanks', { voice: 'b', speaker: '安娜' }), 10);
    expect(rows(layout.advance(10))).toEqual(['Hubert …: Good', 'morning to all', '安娜: Thanks']);
  });

  test('final text that revises what was shown goes on behind it', () => {
    const layout = new LineLayout(options);
    layout.hear(heard('I sink'), 0);
    layout.advance(0);
    layout.hear(final('I think so'), 100);
    expect(rows(layout.advance(100))).toEqual(['I sink so', null]);
  });

  test('tentative words that come to nothing give their row back', () => {
    const layout = new LineLayout(options);
    layout.hear(heard('one two three four', ' five'), 0);
    expect(rows(layout.advance(0))).toEqual(['one two three four', '[five]']);
    layout.hear(heard('one two three four', ''), 100);
    expect(rows(layout.advance(100))).toEqual(['one two three four', null]);
    layout.hear(heard('one two three four six'), 200);
    expect(rows(layout.advance(200))).toEqual(['one two three four', 'six']);
  });

  test('they are left out where they are not wanted', () => {
    const layout = new LineLayout({ ...options, tentative: false });
    layout.hear(heard('one', ' two'), 0);
    expect(rows(layout.advance(0))).toEqual(['one', null]);
  });
});

describe('when lines leave', () => {
  test('all of them, when nobody has spoken for long', () => {
    const layout = new LineLayout(options);
    layout.hear(heard('one', ' two'), 0);
    expect(layout.advance(0).changesAtMs).toBe(1_000);
    expect(layout.advance(1_000).changesAtMs).toBe(5_000);
    expect(rows(layout.advance(4_999))).toEqual(['one[ two]', null]);
    const screen = layout.advance(5_000);
    expect(rows(screen)).toEqual([null, null]);
    expect(screen.changesAtMs).toBeNull();
  });

  test('never, where they are to stay', () => {
    const layout = new LineLayout({ ...options, clearMs: 0 });
    layout.hear(final('one'), 0);
    layout.advance(0);
    expect(rows(layout.advance(1e9))).toEqual(['one', null]);
  });

  test('words that somebody has not finished stay tentative no longer than they are there', () => {
    const layout = new LineLayout(options);
    layout.hear(heard('one', ' two'), 0);
    layout.advance(0);
    layout.leave('a');
    expect(rows(layout.advance(10))).toEqual(['one', null]);
  });

  test('speech that is too fast wins: words wait a few times the shortest time at most', () => {
    const layout = new LineLayout({ ...options, lines: 1 });
    const words = Array.from({ length: 600 }, (_, index) => `w${index}`);
    const heardAt = new Map<string, number>();
    const waits: number[] = [];
    let shown = 0;
    // 40 words a second.
    for (let nowMs = 0; shown < words.length && nowMs < 60_000; nowMs += 25) {
      const count = Math.min(words.length, nowMs / 25 + 1);
      const newest = words[count - 1] ?? '';
      if (!heardAt.has(newest)) heardAt.set(newest, nowMs);
      layout.hear(heard(words.slice(0, count).join(' ')), nowMs);
      for (const word of rows(layout.advance(nowMs))[0]?.split(' ') ?? []) {
        if (word !== words[shown]) continue;
        shown++;
        waits.push(nowMs - (heardAt.get(word) ?? 0));
      }
    }
    expect(waits).toHaveLength(words.length);
    expect(Math.max(...waits)).toBeLessThan(4 * options.minMs);
  });

  test('what is too much even for that is left out, oldest first', () => {
    const layout = new LineLayout({ ...options, lines: 1 });
    const words = Array.from({ length: 5_000 }, (_, index) => `w${index}`);
    layout.hear(final(words.join(' ')), 0);
    let last: string | null = '';
    for (let nowMs = 0; nowMs < 10_000 && !last?.includes('w4999'); nowMs += 16) {
      last = rows(layout.advance(nowMs))[0] ?? null;
    }
    expect(last).toContain('w4999');
  });

  test('who comes late is shown the newest lines at once', () => {
    const layout = new LineLayout(options);
    for (const utterance of ['u1', 'u2', 'u3', 'u4', 'u5'])
      layout.hear(final(`This is ${utterance} of some.`, { utterance }), 0);
    layout.skipToLatest();
    const screen = layout.advance(0);
    expect(rows(screen).join(' ')).toContain('u5 of some.');
    expect(rows(screen).join(' ')).not.toContain('u1');
  });
});

describe('the contract, frame by frame', () => {
  const word = fc.oneof(
    { weight: 6, arbitrary: fc.stringMatching(/^[a-z]{1,9}$/) },
    { weight: 1, arbitrary: fc.constantFrom('the', 'and', 'of') },
    { weight: 1, arbitrary: fc.constantFrom('今天', '天气很好', '我们', '公園です') },
    { weight: 1, arbitrary: fc.stringMatching(/^[a-z]{20,40}$/) },
  );
  const utterance = fc.record({
    voice: fc.constantFrom('a', 'b', 'c'),
    words: fc.array(fc.tuple(word, fc.constantFrom('', '', '', ',', '.', '?”')), {
      minLength: 1,
      maxLength: 25,
    }),
    /** Between words, in ms: 3 to 20 words a second. */
    paceMs: fc.integer({ min: 50, max: 350 }),
    pauseMs: fc.integer({ min: 0, max: 4_000 }),
    ahead: fc.integer({ min: 0, max: 5 }),
  });
  const look = fc.record({
    lines: fc.integer({ min: 1, max: 4 }),
    chars: fc.integer({ min: 10, max: 44 }),
    minMs: fc.constantFrom(0, 300, 1_500),
    names: fc.boolean(),
    tentative: fc.boolean(),
  });

  /** Thousands of frames each: to look for a smaller example would take minutes. */
  const run = { numRuns: 25, endOnFailure: true };

  test('words never move, lines never get too long or too many, and none is lost that can be shown', () => {
    fc.assert(
      fc.property(fc.array(utterance, { minLength: 1, maxLength: 6 }), look, (script, shape) => {
        const whole = { ...options, ...shape, clearMs: 3_000 };
        const { contract, behind } = play(script, whole);
        const tooMuch = behind > maxWaitingLines * shape.chars;
        for (const voice of ['a', 'b', 'c']) {
          const said = script.filter((each) => each.voice === voice).flatMap(({ words }) => words);
          const letters = (text: string) => text.replace(/[^\p{L}]/gu, '');
          const shown = letters(contract.get(voice) ?? '');
          const all = letters(said.map(([text]) => text).join(''));
          if (tooMuch) expect(isWithin(shown, all), `${shown} of ${all}`).toBe(true);
          else expect(shown).toBe(all);
        }
      }),
      run,
    );
  });

  test('a line has its time after its last word, unless whole lines wait', () => {
    fc.assert(
      fc.property(fc.array(utterance, { minLength: 1, maxLength: 6 }), look, (script, shape) => {
        const whole = { ...options, ...shape, clearMs: 3_000 };
        const { stays } = play(script, whole);
        for (const { stayedMs, waiting } of stays) {
          const promised = whole.minMs / (1 + Math.floor(waiting / whole.chars));
          expect(stayedMs).toBeGreaterThanOrEqual(promised - 1);
        }
      }),
      run,
    );
  });

  test('at the pace of speech every line has all of its time', () => {
    const slow = fc.record({
      voice: fc.constant('a'),
      words: fc.array(fc.tuple(fc.stringMatching(/^[a-z]{1,8}$/), fc.constantFrom('', ',', '.')), {
        minLength: 1,
        maxLength: 40,
      }),
      paceMs: fc.integer({ min: 300, max: 500 }),
      pauseMs: fc.integer({ min: 0, max: 4_000 }),
      ahead: fc.integer({ min: 0, max: 5 }),
    });
    const shape = fc.record({ lines: fc.integer({ min: 1, max: 3 }), chars: fc.constant(42) });
    fc.assert(
      fc.property(fc.array(slow, { minLength: 1, maxLength: 3 }), shape, (script, look) => {
        const { stays } = play(script, { ...options, ...look, minMs: 1_200 });
        for (const { stayedMs } of stays) expect(stayedMs).toBeGreaterThanOrEqual(1_200);
      }),
      run,
    );
  });
});

type Script = readonly {
  voice: string;
  words: readonly (readonly [string, string])[];
  paceMs: number;
  pauseMs: number;
  ahead: number;
}[];

/** Plays what is said, word by word, and looks at the screen sixty times a second until it is empty. */
function play(script: Script, layoutOptions: LayoutOptions) {
  const layout = new LineLayout(layoutOptions);
  const contract = new CaptionContract(layoutOptions);
  const events: { atMs: number; heard: Heard }[] = [];
  const freeAt = new Map<string, number>();
  for (const [index, { voice, words, paceMs, pauseMs, ahead }] of script.entries()) {
    let atMs = (freeAt.get(voice) ?? 0) + pauseMs;
    const texts = words.map(([text, sign]) => text + sign);
    const join = (count: number) => texts.slice(0, count).join(' ');
    const speaker = `Speaker ${voice}`;
    for (let count = 0; count < words.length; count++) {
      // The punctuation of the last word is not committed yet.
      const committed = count
        ? join(count - 1) + (count > 1 ? ' ' : '') + words[count - 1]?.[0]
        : '';
      const tentative = join(count + ahead).slice(committed.length);
      const said = { voice, speaker, utterance: `u${index}` };
      events.push({ atMs, heard: heard(committed, tentative, said) });
      atMs += paceMs;
    }
    const said = { voice, speaker, utterance: `u${index}` };
    events.push({ atMs, heard: final(join(words.length), said) });
    freeAt.set(voice, atMs);
  }
  events.sort((a, b) => a.atMs - b.atMs);
  const texts = new Map<string, string>();
  const stays: { stayedMs: number; waiting: number }[] = [];
  const owners = new Map<number, string>();
  const latest = new Map<string, string>();
  let nowMs = 0;
  let behind = 0;
  for (let next = 0, empty = false; !empty || next < events.length; nowMs += frameMs) {
    for (let event = events[next]; event && event.atMs <= nowMs; event = events[++next]) {
      layout.hear(event.heard, nowMs);
      latest.set(`${event.heard.voice}/${event.heard.utterance}`, event.heard.committed);
      // With a space behind each utterance, as behind each line.
      const said = [...latest.values()].map((text) => `${text} `).join('');
      behind = Math.max(behind, textWidth(said) - textWidth(contract.text));
    }
    const screen = layout.advance(nowMs);
    const before = contract.text;
    const left = contract.frame(screen, nowMs);
    for (const line of screen.rows) if (line) owners.set(line.id, line.speaker?.slice(-1) ?? '');
    for (const { lastMs } of left) {
      const waiting = widthOf([...latest.values()].join('')) - widthOf(before);
      stays.push({ stayedMs: nowMs - lastMs, waiting });
    }
    empty = screen.rows.every((line) => line === null);
  }
  for (const [id, { text }] of [...contract.lines].sort(([a], [b]) => a - b)) {
    const voice = owners.get(id) ?? '';
    texts.set(voice, (texts.get(voice) ?? '') + text);
  }
  return { contract: texts, stays, behind };
}

/** Whether a text is another one without some of its letters. */
function isWithin(part: string, whole: string): boolean {
  let at = 0;
  for (const letter of part) {
    at = whole.indexOf(letter, at) + 1;
    if (at === 0) return false;
  }
  return true;
}

/** More than the layout counts for so many letters, with their spaces and punctuation. */
function widthOf(text: string): number {
  return 5 * (text.match(/\p{L}/gu)?.length ?? 0);
}
