import { describe, expect, test } from 'vitest';
import {
  type Caption,
  type CaptionLog,
  emptyLog,
  type Final,
  type Partial,
} from '../../../clients/js/src/index.js';
import { withCaption, withOpenKept } from '../../../clients/web/src/live/caption-log.js';

const place = { session_id: 's', seq: 1, start_ms: 0, end_ms: 1_000, rung: 'cut' } as const;

function partial(utterance_id: string, committed: string, tentative = ''): Partial {
  return { ...place, type: 'partial', utterance_id, committed, tentative };
}

function final(utterance_id: string, text: string): Final {
  return { ...place, type: 'final', utterance_id, text, language: 'en', confidence: 1 };
}

/** What a page shows after these captions. */
function shown(...captions: readonly Caption[]) {
  const log = captions.reduce<CaptionLog>(withCaption, emptyLog);
  return [log.finals.map(({ text }) => text), log.partial?.committed ?? null];
}

describe('the captions of the Live page', () => {
  test('a final takes the place of what was open', () => {
    expect(shown(partial('a', 'And'), partial('a', 'And so'))).toEqual([[], 'And so']);
    expect(shown(partial('a', 'And'), final('a', 'And so.'))).toEqual([['And so.'], null]);
  });

  test('an utterance does not vanish when the next one begins before its final is there', () => {
    const overtaken = [partial('a', 'And so', ' my'), partial('b', 'Ask')];
    expect(shown(...overtaken)).toEqual([['And so my'], 'Ask']);
    expect(shown(...overtaken, final('a', 'And so, my'))).toEqual([['And so, my'], 'Ask']);
    expect(shown(...overtaken, final('a', ''))).toEqual([[], 'Ask']);
    expect(shown(...overtaken, final('b', 'Ask not.'), final('a', 'And so, my'))).toEqual([
      ['And so, my', 'Ask not.'],
      null,
    ]);
    expect(shown(partial('b', 'Ask'), final('a', 'And so, my'))).toEqual([['And so, my'], 'Ask']);
  });

  test('what was shown when a session broke off is still what was said', () => {
    const log = withOpenKept(withCaption(emptyLog, partial('a', 'And so', ' my')));
    expect(log.finals.map(({ text }) => text)).toEqual(['And so my']);
    expect(log.partial).toBeNull();
  });
});
