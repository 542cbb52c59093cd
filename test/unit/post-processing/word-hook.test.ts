import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { guarded, loadWordHook, type WordContext } from '../../../src/post-processing/word-hook.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { wordsOf } from '../transcript/words-of.js';
import { textAfter } from './set-up.js';

/** A guarded hook, and what it warns of. */
function watched(hook: (word: string, context: WordContext) => unknown) {
  const said: string[] = [];
  return { hook: guarded(hook, (_, message) => said.push(message)), said };
}

describe("an operator's hook", () => {
  test('is asked about every word, without the signs around it', () => {
    const asked: [string, WordContext][] = [];
    const { hook } = watched((word, context) => {
      asked.push([word, context]);
      return word === 'so' ? '' : word.toUpperCase();
    });
    const rules = { replacements: [{ from: 'fellow', to: 'dear Fellow' }] };
    expect(textAfter(wordsOf('And so, "my" fellow.'), rules, 'en', hook)).toBe(
      'AND "MY" DEAR FELLOW.',
    );
    expect(asked.map(([word, { previous }]) => [word, previous])).toEqual([
      ['And', ''],
      ['so', 'AND'],
      ['my', 'AND'],
      ['dear', '"MY"'],
      ['Fellow', 'DEAR'],
    ]);
    expect(asked[1]?.[1]).toEqual({
      language: 'en',
      live: true,
      previous: 'AND',
      startMs: 300,
      endMs: 580,
      probability: 0.9,
    });
  });

  test.each([
    [
      'throws',
      () => {
        throw new Error('no');
      },
      'failed',
    ],
    ['returns nothing', () => undefined, 'returned no usable text'],
    ['returns far too much', () => 'x'.repeat(201), 'returned no usable text'],
    ['is asynchronous', () => Promise.reject(new Error('later')), 'returned no usable text'],
  ])('that %s leaves the text as it was, and is said once', (_, broken, message) => {
    const { hook, said } = watched(broken);
    expect(textAfter(wordsOf('And so'), {}, 'en', hook)).toBe('And so');
    expect(said).toEqual([`the post-processing module ${message}`]);
  });

  test('that takes its time is said to be slow', () => {
    const { hook, said } = watched((word) => {
      const until = performance.now() + 25;
      while (performance.now() < until);
      return word;
    });
    expect(textAfter(wordsOf('And so'), {}, 'en', hook)).toBe('And so');
    expect(said).toEqual(['the post-processing module is slow']);
  });

  test('cannot break a line', () => {
    const { hook } = watched((word) => `${word}\n\n1\t`);
    expect(textAfter(wordsOf('And'), {}, 'en', hook)).toBe('And 1');
  });
});

describe('loading one', () => {
  const load = (content: string) => {
    const file = join(temporaryFolder(), 'hook.mjs');
    writeFileSync(file, content);
    return loadWordHook(file, () => {});
  };

  test('takes the function postProcess of a module', async () => {
    const hook = await load('export const postProcess = (word) => word + "!";');
    expect(textAfter(wordsOf('And so'), {}, 'en', hook)).toBe('And! so!');
  });

  test.each([
    ['export const other = 1;', /exports no function postProcess/],
    ['export const postProcess = 1;', /exports no function postProcess/],
    ['this is no module', /POST_PROCESSING_MODULE: .*cannot be loaded/],
  ])('%s is refused', async (content, message) => {
    await expect(load(content)).rejects.toThrow(message);
  });

  test('a module that is not there is refused', async () => {
    await expect(loadWordHook('/nowhere/hook.mjs', () => {})).rejects.toThrow(/cannot be loaded/);
  });
});
